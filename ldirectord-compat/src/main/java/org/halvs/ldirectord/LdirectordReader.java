package org.halvs.ldirectord;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.halvs.check.Service;
import org.halvs.dialect.DidYouMean;
import org.halvs.dialect.Parsed;
import org.halvs.director.ServicePlan;
import org.halvs.director.VirtualPlan;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ldirectord.Findings.Moment;
import org.halvs.ldirectord.LdirectordConfig.Statement;
import org.halvs.ldirectord.LdirectordConfig.VirtualBlock;

/**
 * Reads ldirectord.cf: the front door of this package. Confined to one thread, like the name service it is given.
 *
 * <p>A file is good or bad as a whole. Virtual services that ipvsadm would refuse (an unknown scheduler, firewall mark 0) are left out with a
 * warning, as ldirectord's are in effect; so are those that are checked by a service nobody knows, unless nothing else is in the file.
 */
public final class LdirectordReader {
    private final NameService names;
    private final ConfigFiles files;
    private final SiteRules site;

    /** A reader that knows no services but ldirectord's. */
    public LdirectordReader(NameService names, ConfigFiles files) {
        this(names, files, SiteRules.NONE);
    }

    /**
     * A reader.
     *
     * @param site what holds for all files of the site
     */
    public LdirectordReader(NameService names, ConfigFiles files, SiteRules site) {
        this.names = names;
        this.files = files;
        this.site = site;
    }

    /**
     * Reads a file.
     *
     * @param file its name, for the problems
     * @param text its content, one character for each byte (ISO 8859-1)
     */
    public LdirectordReading read(String file, String text) {
        Findings findings = new Findings(file);
        LdirectordConfig config = LdirectordParser.parse(text, findings);
        Globals globals = Globals.compile(config, names, files, findings);
        List<VirtualPlan> virtuals = new ArrayList<>();
        List<VirtualOptions> options = new ArrayList<>();
        List<VirtualBlock> blocks = new ArrayList<>();
        List<ServiceKey> keys = new ArrayList<>();
        List<VirtualBlock> unknown = new ArrayList<>();
        for (VirtualBlock block : config.virtuals()) {
            if (hasUnknownService(block)) {
                unknown.add(block);
                reportOtherErrors(file, block, globals, findings);
                continue;
            }
            VirtualCompiler compiler = new VirtualCompiler(block, globals, names, files, site, findings);
            Optional<VirtualCompiler.Compiled> compiled = compiler.compile();
            if (compiled.isEmpty()) {
                if (compiler.leftOut()) {
                    refuseLastLine(block, findings);
                }
                continue;
            }
            ServiceKey key = compiled.get().plan().service().key();
            if (!duplicate(block, keys.indexOf(key), blocks, findings)) {
                keys.add(key);
                blocks.add(block);
                virtuals.add(compiled.get().plan());
                options.add(compiled.get().options());
            }
        }
        reportUnknownServices(unknown, blocks.isEmpty(), findings);
        warnOfIntervals(globals, blocks, keys, findings);
        LdirectordPlan plan = new LdirectordPlan(
                new ServicePlan(virtuals, globals.yes(Directive.READDQUIESCENT), site.kept()),
                globals.options(),
                options);
        Globals untilError = findings.firstErrorLine().isPresent()
                ? globals.before(findings.firstErrorLine().getAsInt())
                : globals;
        return new LdirectordReading(
                config, Parsed.of(plan, findings.problems()), untilError.options(), findings.originals());
    }

    /** COMPAT: a virtual service on the very last line of a file, with nothing below it, is a duplicate of itself. */
    private static boolean refuseLastLine(VirtualBlock block, Findings findings) {
        if (block.line() != block.endLine()) {
            return false;
        }
        findings.error(
                Moment.endOf(block),
                block.line(),
                block.ipv6() ? "virtual6" : "virtual",
                "duplicate virtual server",
                "add its real servers below it, indented");
        return true;
    }

    private static boolean duplicate(VirtualBlock block, int earlier, List<VirtualBlock> blocks, Findings findings) {
        if (earlier < 0) {
            return refuseLastLine(block, findings);
        }
        if (!sameWords(block, blocks.get(earlier))) {
            findings.ourWarning(
                    Moment.endOf(block),
                    block.line(),
                    "virtual",
                    "is the same service as line " + blocks.get(earlier).line()
                            + " in other digits; ipvsadm refuses it, so it is not served",
                    "remove one of the two");
            return true;
        }
        findings.error(
                Moment.endOf(block),
                block.endLine(),
                block.ipv6() ? "virtual6" : "virtual",
                "duplicate virtual server",
                "the virtual service of line " + block.line() + " is that of line "
                        + blocks.get(earlier).line() + "; make one of the two");
        return true;
    }

    /** COMPAT: ldirectord compares the digits: 080 is not 80 to it. Names have become digits by then. */
    private static boolean sameWords(VirtualBlock block, VirtualBlock earlier) {
        String digits = digits(block);
        String earlierDigits = digits(earlier);
        return digits.isEmpty() || earlierDigits.isEmpty() || digits.equals(earlierDigits);
    }

    private static String digits(VirtualBlock block) {
        return switch (block.address().orElseThrow()) {
            case VirtualAddress.Mark mark -> mark.digits();
            case VirtualAddress.HostAndPort address -> Ports.isNumeric(address.port()) ? address.port() : "";
        };
    }

    private boolean hasUnknownService(VirtualBlock block) {
        return block.value(Directive.SERVICE)
                .filter(word -> Service.of(word).isEmpty() && !site.services().containsKey(word))
                .isPresent();
    }

    /** What else is wrong with a block that is not served. Its {@code receive} may be of any kind, the check being the site's own. */
    private void reportOtherErrors(String file, VirtualBlock block, Globals globals, Findings findings) {
        Findings inBlock = new Findings(file);
        new VirtualCompiler(block, globals, names, files, site, inBlock).compile();
        findings.addErrors(inBlock, "receive");
    }

    /** The others are served all the same; but a file in which nothing is left is refused as ldirectord does, in its words the first time. */
    private static void reportUnknownServices(List<VirtualBlock> unknown, boolean nothingElse, Findings findings) {
        for (int i = 0; i < unknown.size(); i++) {
            Statement statement = unknown.get(i).last(Directive.SERVICE).orElseThrow();
            String text = "no service \"" + statement.value() + "\" is known; this virtual service is not served";
            String remedy = remedy(statement.value());
            Moment moment = Moment.reading(statement.line());
            if (!nothingElse) {
                findings.ourWarning(moment, statement.line(), "service", text, remedy);
            } else if (i == 0) {
                findings.error(moment, statement.line(), "service", Directive.SERVICE.complaint(false), remedy);
            } else {
                findings.ourError(moment, statement.line(), "service", text, remedy);
            }
        }
    }

    private static String remedy(String word) {
        List<String> known = new ArrayList<>();
        for (Service service : Service.values()) {
            known.add(service.word());
        }
        return DidYouMean.among(known, word)
                .map(meant -> "did you mean \"" + meant + "\"?")
                .orElse("if your ldirectord was taught \"" + word + "\", name the program that checks it in halvs.yml");
    }

    private static void warnOfIntervals(
            Globals globals, List<VirtualBlock> blocks, List<ServiceKey> keys, Findings findings) {
        if (globals.yes(Directive.FORK)) {
            return;
        }
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).value(Directive.CHECKINTERVAL).isPresent()) {
                findings.warning(
                        Moment.AFTER_ALL,
                        0,
                        "checkinterval",
                        "checkinterval in virtual service " + id(keys.get(i)) + " ignored when fork=no",
                        "");
            }
        }
    }

    /** ldirectord's name of a virtual service: {@code tcp:192.0.2.1:80}, {@code fwm:5}. */
    private static String id(ServiceKey key) {
        return switch (key) {
            case ServiceKey.AddressKey address ->
                address.protocol().name().toLowerCase(Locale.ROOT) + ":"
                        + (address.address().isIpv4() ? address.address() : "[" + address.address() + "]") + ":"
                        + address.port();
            case ServiceKey.FirewallMark mark ->
                (mark.family() == org.halvs.linux.IpAddress.Family.IPV6 ? "fwm6:" : "fwm:") + mark.mark();
        };
    }
}
