package org.halvs.ha.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Files of others are named instead of complained of line by line. */
class ForeignFileTest {
    @Test
    void saysWhatItIs() {
        assertThat(ForeignFile.recognise("virtual=<%= @address %>:80\n").orElseThrow())
                .startsWith("is a template (<%)");
        assertThat(ForeignFile.recognise("lb1 IPaddr::{{ vip }}\n").orElseThrow())
                .startsWith("is a template ({{)");
        assertThat(ForeignFile.recognise("vrrp_instance a {\n}\n").orElseThrow())
                .contains("keepalived");
        assertThat(ForeignFile.recognise("# x\n[vip]\neth0=1\n").orElseThrow()).startsWith("has sections ([vip])");
        assertThat(ForeignFile.recognise("<!DOCTYPE html>\n").orElseThrow()).startsWith("is a web page");
    }

    @Test
    void leavesOursAlone() {
        assertThat(ForeignFile.recognise("# [vip] {{ x }}\nvirtual6=[::1]:80\n\treal6=[::2]:80 gate\n"))
                .isEmpty();
        assertThat(ForeignFile.recognise("virtual=1\n    receive=\"{{ok}}\"\n    request=\"<%\"\n"))
                .isEmpty();
        assertThat(ForeignFile.recognise("virtual web {\n  active = 1\n  send = \"GET /\"\n}\n"))
                .isEmpty();
    }
}
