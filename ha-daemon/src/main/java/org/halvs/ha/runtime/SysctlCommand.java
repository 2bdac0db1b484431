package org.halvs.ha.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.halvs.dialect.DidYouMean;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.control.Answer;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.Setting;

/** {@code halvs sysctl}: the settings of the forwarding core, shown and changed as sysctl(8) does. The settings belong to the control thread. */
final class SysctlCommand {
    private static final String PREFIX = "net.ipv4.vs.";
    private static final int REFUSED = 1;

    private final ControlLoop loop;
    private final EventSink events;
    private final Consumer<IpvsSettings> plane;
    private IpvsSettings settings;

    /**
     * @param settings what the plane has now
     * @param plane takes changed settings
     */
    SysctlCommand(ControlLoop loop, EventSink events, IpvsSettings settings, Consumer<IpvsSettings> plane) {
        this.loop = loop;
        this.events = events;
        this.settings = settings;
        this.plane = plane;
    }

    /** Other settings hold; on the control thread. */
    void replace(IpvsSettings wanted) {
        settings = wanted;
        plane.accept(wanted);
    }

    /** Shows and changes, in the order of the words; where one of them is wrong nothing is changed. */
    Answer run(List<String> words) {
        return loop.ask(() -> words.isEmpty() ? Answer.ok(all()) : settings(words))
                .join();
    }

    private String all() {
        StringBuilder text = new StringBuilder();
        Arrays.stream(Setting.values())
                .filter(setting -> setting != Setting.SYNC_PERIOD)
                .forEach(setting -> text.append(line(setting, settings)));
        return text.toString();
    }

    private Answer settings(List<String> words) {
        IpvsSettings wanted = settings;
        StringBuilder shown = new StringBuilder();
        for (String word : words) {
            String[] parts = word.split("=", 2);
            String key = parts[0].strip().replace('/', '.');
            Optional<Setting> setting = Setting.of(key);
            if (setting.isEmpty()) {
                return Answer.failed(REFUSED, unknown(key));
            }
            if (parts.length == 2) {
                Optional<IpvsSettings> changed = wanted.with(key, parts[1]);
                if (changed.isEmpty()) {
                    return Answer.failed(
                            REFUSED,
                            "halvs: setting key \"" + PREFIX + setting.get().word() + "\": Invalid argument\n");
                }
                wanted = changed.get();
            }
            shown.append(line(setting.get(), wanted));
        }
        if (!wanted.equals(settings)) {
            settings = wanted;
            plane.accept(wanted);
            events.emit(new DomainEvent.ConfigurationApplied(
                    "net.ipv4.vs", "set by an operator: " + String.join(" ", words)));
        }
        return Answer.ok(shown.toString());
    }

    private static String line(Setting setting, IpvsSettings settings) {
        String value = setting == Setting.SYNC_THRESHOLD
                ? settings.value(setting) + "\t" + settings.value(Setting.SYNC_PERIOD)
                : Integer.toString(settings.value(setting));
        return PREFIX + setting.word() + " = " + value + "\n";
    }

    private static String unknown(String key) {
        List<String> known = Arrays.stream(Setting.values()).map(Setting::word).toList();
        String word = key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : key;
        String meant = DidYouMean.among(known, word)
                .map(each -> "; did you mean " + each + "?")
                .orElse("; \"halvs sysctl\" shows all");
        return "halvs: " + key + " is not known" + meant + "\n";
    }
}
