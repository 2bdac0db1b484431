package org.halvs.ipvs.forward;

import java.util.Arrays;
import java.util.Optional;

/** A value for each {@link Setting}. Immutable; a change makes a new one. */
public final class IpvsSettings {
    /** The kernel's defaults. */
    public static final IpvsSettings DEFAULT = new IpvsSettings(
            Arrays.stream(Setting.values()).mapToInt(Setting::initial).toArray());

    private final int[] values;

    private IpvsSettings(int[] values) {
        this.values = values;
    }

    public int value(Setting setting) {
        return values[setting.ordinal()];
    }

    /** Whether a flag is on: its value is not 0. */
    public boolean on(Setting setting) {
        return values[setting.ordinal()] != 0;
    }

    /** These settings with one changed. Fails with {@link IllegalArgumentException} when the value is out of the setting's range. */
    public IpvsSettings with(Setting setting, int value) {
        if (!setting.accepts(value)) {
            throw new IllegalArgumentException(setting.word() + " can't be " + value);
        }
        int[] changed = values.clone();
        changed[setting.ordinal()] = value;
        return new IpvsSettings(changed);
    }

    /**
     * These settings with one changed, both given as text: {@code conn_reuse_mode} and {@code 0}, {@code net.ipv4.vs.sync_threshold} and
     * {@code 3 50}.
     *
     * @return empty when the kernel knows no such setting or refuses the value (EINVAL)
     */
    public Optional<IpvsSettings> with(String name, String value) {
        Optional<Setting> setting = Setting.of(name);
        String[] numbers = value.strip().split("\\s+", -1);
        if (setting.isEmpty() || numbers.length != (setting.get() == Setting.SYNC_THRESHOLD ? 2 : 1)) {
            return Optional.empty();
        }
        try {
            int first = Integer.parseInt(numbers[0]);
            if (setting.get() == Setting.SYNC_THRESHOLD) {
                int period = Integer.parseInt(numbers[1]);
                return first < 0 || period < 0 || period > 0 && first >= period
                        ? Optional.empty()
                        : Optional.of(with(Setting.SYNC_THRESHOLD, first).with(Setting.SYNC_PERIOD, period));
            }
            return setting.get().accepts(first) ? Optional.of(with(setting.get(), first)) : Optional.empty();
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpvsSettings that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    /** The settings that differ from the kernel's defaults, as {@code name=value}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Setting setting : Setting.values()) {
            if (value(setting) != setting.initial()) {
                text.append(text.isEmpty() ? "" : " ")
                        .append(setting.word())
                        .append('=')
                        .append(value(setting));
            }
        }
        return text.toString();
    }
}
