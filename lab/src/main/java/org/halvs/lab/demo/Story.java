package org.halvs.lab.demo;

import java.util.Locale;

/** What the demo prints: a heading for each act, a line for each claim with what was measured, and whether it held. */
final class Story {
    private int failed;
    private int held;

    void say(String line) {
        System.out.println(line);
    }

    void act(String heading) {
        System.out.println();
        System.out.println(heading);
    }

    void note(String format, Object... figures) {
        System.out.println("      " + String.format(Locale.ROOT, format, figures));
    }

    /** One claim with its figures. */
    void claim(boolean holds, String format, Object... figures) {
        if (holds) {
            held++;
        } else {
            failed++;
        }
        System.out.println((holds ? "  ok  " : " FAIL ") + String.format(Locale.ROOT, format, figures));
    }

    boolean allHeld() {
        return failed == 0;
    }

    String summary() {
        return failed == 0
                ? held + " of " + held + " claims held"
                : failed + " of " + (held + failed) + " claims did NOT hold";
    }
}
