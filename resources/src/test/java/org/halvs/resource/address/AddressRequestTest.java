package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The argument grammar of IPaddr, IPaddr2 and IPv6addr. */
class AddressRequestTest {

    private static AddressRequest request(AddressScript script, String argument) {
        AddressRequest.Reading reading = AddressRequest.read(script, List.of(argument.split("::")));
        assertThat(reading).isInstanceOf(AddressRequest.Reading.Request.class);
        return ((AddressRequest.Reading.Request) reading).request();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            192.0.2.10                             | -1 | -    | -        | -
            192.0.2.10/24                          | 24 | -    | -        | -
            192.0.2.10/255.255.255.0               | 24 | -    | -        | -
            192.0.2.10/255.255.255.255/eth0        | 32 | eth0 | -        | -
            192.0.2.10/0.0.0.0                     | 0  | -    | -        | -
            192.0.2.10/24/eth0                     | 24 | eth0 | -        | -
            192.0.2.10/24/eth0:web                 | 24 | eth0 | eth0:web | -
            192.0.2.10/24/eth0/192.0.2.255         | 24 | eth0 | -        | 192.0.2.255
            192.0.2.10/24/eth0:0/192.0.2.255       | 24 | eth0 | eth0:0   | 192.0.2.255
            192.0.2.10/24/192.0.2.255              | 24 | -    | -        | 192.0.2.255
            192.0.2.10//eth1                       | -1 | eth1 | -        | -
            192.0.2.10/24/eth0/                    | 24 | eth0 | -        | -
            192.0.2.10/28/bond0.17                 | 28 | bond0.17 | -    | -
            """)
    void readsIpv4(String argument, int bits, String device, String label, String broadcast) {
        AddressRequest request = request(AddressScript.IPADDR2, argument);
        assertThat(request.address()).isEqualTo(IpAddress.of("192.0.2.10"));
        assertThat(request.prefixLength()).isEqualTo(bits < 0 ? OptionalInt.empty() : OptionalInt.of(bits));
        assertThat(request.device().orElse(null)).isEqualTo(device);
        assertThat(request.label().orElse(null)).isEqualTo(label);
        assertThat(request.broadcast().map(IpAddress::toString).orElse(null)).isEqualTo(broadcast);
    }

    @Test
    void readsIpv6AlsoWhenTheSeparatorSplitIt() {
        AddressRequest request = request(AddressScript.IPV6ADDR, "2001:db8::10/64/eth0");
        assertThat(request.address()).isEqualTo(IpAddress.of("2001:db8::10"));
        assertThat(request.prefixLength()).hasValue(64);
        assertThat(request.device()).hasValue("eth0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            IPaddr2  | virtual_ip/24              | 'virtual_ip' is not an IP address; host names are not looked up here
            IPaddr2  | 192.0.2.10/33              | '33' behind 192.0.2.10/ is neither PREFIX nor a netmask
            IPaddr2|192.0.2.10/eth0|'eth0' behind 192.0.2.10/ is neither PREFIX nor a netmask; the interface is the third part: ip/bits/eth0
            IPaddr2  | 192.0.2.10/255.0.255.0     | '255.0.255.0' behind 192.0.2.10/ is neither PREFIX nor a netmask
            IPaddr2  | 192.0.2.10/24/192.0.2.300  | '192.0.2.300' is not a broadcast address
            IPaddr2  | 192.0.2.10/24/eth0/x       | 'x' is not a broadcast address
            IPaddr2|192.0.2.10/24/192.0.2.255/eth0|'eth0' follows the broadcast address; the order is ip/bits/interface/broadcast
            IPaddr2|1.2.3.4/24/a/1.2.3.5/b|'1.2.3.4/24/a/1.2.3.5/b' has more than the four parts ip/bits/interface/broadcast
            IPaddr2  | 192.0.2.10/24/eth0:        | 'eth0:' is not of the form interface or interface:label
            IPaddr2|192.0.2.10/24/eth0:averylonglabel|'eth0:averylonglabel' has 19 characters; interface and label together may have 15
            IPaddr|2001:db8:0:0:0:0:0:1|2001:db8::1 is IPv6, which this script never could; write IPv6addr::2001:db8::1
            IPv6addr | 192.0.2.10                 | 192.0.2.10 is IPv4; write IPaddr2::192.0.2.10
            IPv6addr | 2001:db8:0:0:0:0:0:1/129   | '129' behind 2001:db8::1/ is neither PREFIX6
            """)
    void saysWhatIsWrong(String script, String argument, String message) {
        assertThat(AddressRequest.read(AddressScript.named(script).orElseThrow(), List.of(argument)))
                .isEqualTo(new AddressRequest.Reading.Invalid(script + ": "
                        + message.replace("PREFIX6", "a prefix length from 0 to 128")
                                .replace("PREFIX", "a prefix length from 0 to 32")));
    }

    @Test
    void anEmptyArgumentIsAnError() {
        assertThat(AddressRequest.read(AddressScript.IPADDR2, List.of()))
                .isEqualTo(new AddressRequest.Reading.Invalid(
                        "IPaddr2: no address is given; write IPaddr2::192.0.2.10/24/eth0"));
    }
}
