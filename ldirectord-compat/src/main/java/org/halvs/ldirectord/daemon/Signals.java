package org.halvs.ldirectord.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;
import org.halvs.linux.IgnoredSignal;
import org.halvs.linux.LinuxException;

/**
 * Signals of the operating system. The class that does it, {@code sun.misc.Signal}, is supported (module jdk.unsupported) but not in the
 * compiler's good books; so it is reached by reflection.
 */
public final class Signals {
    private static final System.Logger LOG = System.getLogger(Signals.class.getName());

    /** The signals that end ldirectord in good order, but for those the Java runtime keeps to itself (QUIT, ILL, FPE, SEGV, BUS). */
    static final List<String> ENDING = List.of("TERM", "INT", "ABRT", "SYS", "XCPU", "XFSZ");

    private Signals() {}

    /**
     * Calls {@code handler} with the signal's name, on a thread of the runtime, whenever one of {@code names} arrives. Also when the process was started
     * with that signal ignored: ldirectord and heartbeat handle theirs all the same.
     */
    public static void handle(List<String> names, Consumer<String> handler) {
        for (String name : names) {
            try {
                register(name, handler);
            } catch (ReflectiveOperationException | IllegalArgumentException | LinuxException e) {
                LOG.log(System.Logger.Level.DEBUG, "signal " + name + " can't be handled", e);
            }
        }
    }

    private static void register(String name, Consumer<String> handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        InvocationHandler invocation = (proxy, method, arguments) -> {
            switch (method.getName()) {
                case "handle" -> handler.accept(name);
                case "hashCode" -> {
                    return System.identityHashCode(proxy);
                }
                case "equals" -> {
                    return proxy.equals(arguments[0]);
                }
                default -> {
                    return "handler of " + name;
                }
            }
            return null;
        };
        Object proxy = Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, invocation);
        Object handled = signal.getConstructor(String.class).newInstance(name);
        IgnoredSignal.heed((int) signal.getMethod("getNumber").invoke(handled));
        signal.getMethod("handle", signal, handlerType).invoke(null, handled, proxy);
    }
}
