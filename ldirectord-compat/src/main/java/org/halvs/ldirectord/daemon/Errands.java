package org.halvs.ldirectord.daemon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.halvs.linux.IpAddress;

/**
 * What a configuration causes outside of the table and may take time: programs of the administrator, mails, files, names of addresses. Each kind
 * has a thread of its own, which begins with its first errand, so that nobody waits for it.
 */
final class Errands implements AutoCloseable {
    private static final Duration COMMAND_PATIENCE = Duration.ofSeconds(10);
    private static final Duration MAIL_PATIENCE = Duration.ofSeconds(10);

    private final List<String> ownCommand;
    private final CommandQueue commands;
    private final CommandQueue callbacks;
    private final MailQueue mails;
    private final MonitorFiles monitors;
    private final HostNameCache hostNames = new HostNameCache();

    /** @param complaints gets a line when an errand fails; called on the errands' threads */
    Errands(Surroundings surroundings, Consumer<String> complaints) {
        this.ownCommand = surroundings.ownCommand();
        this.commands = new CommandQueue("commands", complaints);
        this.callbacks = new CommandQueue("callbacks", complaints);
        this.mails = new MailQueue(surroundings.mail(), complaints);
        this.monitors = new MonitorFiles(complaints);
    }

    /** Runs a line by {@code /bin/sh -c}, after those before it. */
    void shell(String line) {
        commands.shell(line);
    }

    /** Runs a program that is told of a change of its configuration. */
    void callback(String program, String config) {
        callbacks.run(List.of(program, config));
    }

    /** Runs ldirectord for another configuration. */
    void callOther(String config, String verb) {
        List<String> words = new ArrayList<>(ownCommand);
        words.addAll(List.of(config, verb));
        callbacks.run(words);
    }

    void mail(Mail mail) {
        mails.send(mail);
    }

    MonitorFiles monitors() {
        return monitors;
    }

    /** The name of an address as far as it is known. */
    Optional<String> nameOf(IpAddress address) {
        return hostNames.nameOf(address);
    }

    /** Waits for what is under way, a limited time for each kind, and ends the threads. */
    @Override
    public void close() {
        commands.finish(COMMAND_PATIENCE);
        callbacks.finish(COMMAND_PATIENCE);
        mails.finish(MAIL_PATIENCE);
        monitors.finish();
        commands.close();
        callbacks.close();
        mails.close();
    }
}
