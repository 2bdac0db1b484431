package org.halvs.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethod;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.time.Instant;

/** What the compiler can't see: which module and package may import what. */
@AnalyzeClasses(
        packages = "org.halvs",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NotTheLaboratory.class})
class ArchitectureTest {
    private static final String LINUX = "org.halvs.linux..";
    private static final String IPVS = "org.halvs.ipvs..";
    private static final String CHECK = "org.halvs.check..";
    private static final String RESOURCE = "org.halvs.resource..";
    private static final String[] COMPAT = {
        "org.halvs.dialect..", "org.halvs.ldirectord..", "org.halvs.piranha..", "org.halvs.director.."
    };

    /** Where things are decided and nothing is done. */
    private static final String[] PURE = {
        "org.halvs.ipvs",
        "org.halvs.ipvs.scheduler",
        "org.halvs.ipvs.packet",
        "org.halvs.ipvs.connection",
        "org.halvs.ipvs.forward",
        "org.halvs.ipvs.sync",
        "org.halvs.check",
        "org.halvs.resource",
        "org.halvs.dialect",
        "org.halvs.director",
        "org.halvs.ha.takeover"
    };

    /** The laboratory is a tool of the tests and obeys none of this. */
    static final class NotTheLaboratory implements ImportOption {
        @Override
        public boolean includes(com.tngtech.archunit.core.importer.Location location) {
            return !location.contains("/org/halvs/lab/") && !location.contains("halvs-lab");
        }
    }

    @ArchTest
    static final ArchRule onlyLinuxCallsForeignFunctions = noClasses()
            .that()
            .resideOutsideOfPackage(LINUX)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Linker.class, SymbolLookup.class, FunctionDescriptor.class)
            .because("system calls stand behind org.halvs.linux");

    @ArchTest
    static final ArchRule linuxKnowsNobody = noClasses()
            .that()
            .resideInAPackage(LINUX)
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.halvs..").and(not(resideInAnyPackage(LINUX))));

    @ArchTest
    static final ArchRule ipvsKnowsLinuxOnly = noClasses()
            .that()
            .resideInAPackage(IPVS)
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.halvs..").and(not(resideInAnyPackage(LINUX, IPVS))));

    @ArchTest
    static final ArchRule checksKnowLinuxOnly = noClasses()
            .that()
            .resideInAPackage(CHECK)
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.halvs..").and(not(resideInAnyPackage(LINUX, CHECK))))
            .because("health checks do not know IPVS; org.halvs.director joins the two");

    @ArchTest
    static final ArchRule resourcesKnowLinuxOnly = noClasses()
            .that()
            .resideInAPackage(RESOURCE)
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.halvs..").and(not(resideInAnyPackage(LINUX, RESOURCE))));

    @ArchTest
    static final ArchRule dialectsDoNotKnowTheDaemon = noClasses()
            .that()
            .resideInAnyPackage(COMPAT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.halvs.ha..", RESOURCE);

    @ArchTest
    static final ArchRule frameworksStayInTheDaemon = noClasses()
            .that()
            .resideOutsideOfPackage("org.halvs.ha..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.jgroups..", "io.micronaut..", "picocli..", "ch.qos.logback..", "org.slf4j..", "org.yaml..");

    @ArchTest
    static final ArchRule onlyMembershipKnowsJGroups = noClasses()
            .that()
            .resideOutsideOfPackage("org.halvs.ha.membership..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.jgroups..");

    @ArchTest
    static final ArchRule coreNeedsNothingButTheJdk = classes()
            .that()
            .resideInAnyPackage(LINUX, IPVS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", LINUX, IPVS);

    private static ArchCondition<JavaClass> readAClock() {
        return callMethod(System.class, "nanoTime")
                .or(callMethod(System.class, "currentTimeMillis"))
                .or(callMethod(Instant.class, "now"));
    }

    @ArchTest
    static final ArchRule pureCodeReadsNoClock = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should(readAClock())
            .because("time is a parameter where things are decided");

    @ArchTest
    static final ArchRule aNodeAsksItsControlLoopForTheTime = noClasses()
            .that()
            .resideInAPackage("org.halvs.ha.cluster")
            .and()
            .doNotHaveSimpleName("ControlLoop")
            .should(readAClock())
            .because("whole clusters run in virtual time");

    @ArchTest
    static final ArchRule pureCodeIsNotRandom = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.security.SecureRandom")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
            .orShould()
            .callConstructor(java.util.Random.class)
            .because("the same input has to give the same decision");

    @ArchTest
    static final ArchRule pureCodeStartsNoThreads = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, java.util.concurrent.Executor.class, java.util.concurrent.locks.Lock.class)
            .because("one writer owns each state, and it is somebody else's thread");

    @ArchTest
    static final ArchRule pureCodeDoesNoInputOrOutput = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net.http..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.net.Socket");

    @ArchTest
    static final ArchRule noCyclesBetweenPackages =
            slices().matching("org.halvs.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule noGrabBags = noClasses()
            .should(com.tngtech.archunit.lang.conditions.ArchConditions.be(simpleNameEndingWith("Util")
                    .or(simpleNameEndingWith("Utils"))
                    .or(simpleNameEndingWith("Manager"))
                    .or(simpleNameEndingWith("Helper"))))
            .because("a name that says nothing collects everything");

    @ArchTest
    static final ArchRule iniFilesAreReadRaw = noClasses()
            .should()
            .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                            com.tngtech.archunit.core.domain.properties.HasName.Predicates.name("fetch"))
                    .and(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                            com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner(
                                    resideInAnyPackage("org.ini4j..")))))
            .because("fetch can be made to recurse for ever (CVE-2022-41404); get is enough");
}
