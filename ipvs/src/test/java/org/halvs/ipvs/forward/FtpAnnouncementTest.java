package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What announces a data connection and what does not, as {@code ip_vs_ftp_get_addrport} reads it. */
class FtpAnnouncementTest {

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            value = {
                "PORT 198,18,60,1,195,81~ => 5-23 198.18.60.1 50001",
                "port  198,18,60,1,195,81~ => 6-24 198.18.60.1 50001",
                "PORT198,18,60,1,195,81~ => 4-22 198.18.60.1 50001",
                "PORT 198,18,60,1,195,8 => no",
                "PORT 198,18,60,1,195 => no",
                "PORT 198,18,60,256,195,81~ => no",
                "PORT 198,18,60,1,0,0~ => no",
                "NOOP~PORT 198,18,60,1,195,81~ => no",
                "EPRT |1|198.18.60.1|50001|~ => 5-26 198.18.60.1 50001",
                "EPRT !1!198.18.60.1!50001!~ => 5-26 198.18.60.1 50001",
                "EPRT |2|198.18.60.1|50001|~ => no",
                "EPRT |1|fd18::1|50001|~ => no",
                "EPRT |1|198.18.60.1|50001~ => no",
                "EPRT |1|198.18.60.1|0|~ => no",
                "EPRT ||||50001|~ => no",
                "227 Entering Passive Mode (10,0,2,11,19,137)~ => 27-43 10.0.2.11 5001",
                "227 Entering Passive Mode 10,0,2,11,19,137~ => 26-42 10.0.2.11 5001",
                "227 =10,0,2,11,19,137~ => 5-21 10.0.2.11 5001",
                "227 Entering Passive Mode (10,0,2,11,19, => no",
                "229 Entering Extended Passive Mode (|||5001|)~ => 36-44 own 5001",
                "229 ok (!!!5001!)~ => 8-16 own 5001",
                "229 ok (|1|10.0.2.11|5001|)~ => 8-26 10.0.2.11 5001",
                "229 ok (|||5001)~ => no",
                "229 ok |||5001|~ => no",
            })
    void announcements(String text, String expected) {
        assertThat(told(read(text.replace("~", "\r\n"), true))).isEqualTo(expected);
    }

    @Test
    void theFamilyOfTheControlConnectionDecides() {
        assertThat(told(FtpAnnouncement.ofExtendedPort("EPRT |2|fd18::1|50001|\r\n", false)))
                .isEqualTo("5-22 fd18::1 50001");
        assertThat(told(FtpAnnouncement.ofExtendedPort("EPRT |1|198.18.60.1|50001|\r\n", false)))
                .isEqualTo("no");
    }

    @ParameterizedTest
    @CsvSource({
        "PASV~, true, false",
        "pasv~, true, false",
        "TYPE I~PASV~, true, false",
        "PASV, false, false",
        "EPSV~, false, true",
        "EPSV 1~, false, true",
        "EPSV ALL~, false, true",
        "NOOP~epsv~, false, true",
        "EPSVX~, false, false",
        "RETR PASV.txt~, false, false"
    })
    void wishesForPassiveConnections(String text, boolean passive, boolean extended) {
        String command = text.replace("~", "\r\n");
        assertThat(FtpAnnouncement.asksPassive(command)).isEqualTo(passive);
        assertThat(FtpAnnouncement.asksExtendedPassive(command)).isEqualTo(extended);
    }

    private static @Nullable FtpAnnouncement read(String text, boolean ipv4) {
        return switch (text.substring(0, 4).toUpperCase(java.util.Locale.ROOT)) {
            case "EPRT" -> FtpAnnouncement.ofExtendedPort(text, ipv4);
            case "227 " -> FtpAnnouncement.ofPassiveReply(text);
            case "229 " -> FtpAnnouncement.ofExtendedPassiveReply(text, ipv4);
            default -> FtpAnnouncement.ofPort(text);
        };
    }

    private static String told(@Nullable FtpAnnouncement found) {
        return found == null
                ? "no"
                : found.from() + "-" + found.to() + " "
                        + found.address().map(Object::toString).orElse("own") + " " + found.port();
    }
}
