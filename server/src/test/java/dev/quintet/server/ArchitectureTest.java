package dev.quintet.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameContaining;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.quintet.chat.PlantedReachIntoNotify;
import dev.quintet.notify.PlantedHttpClient;
import dev.quintet.notify.PlantedQuery;
import dev.quintet.notify.PlantedWriterHelper;
import dev.quintet.platform.planted.PlantedDuck;
import dev.quintet.platform.planted.PlantedNetty;
import dev.quintet.platform.planted.PlantedSystemNoun;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The star and its borders, on product code. Each rule comes with a planted violation that it must
 * catch.
 */
final class ArchitectureTest {

    private static final String[] SYSTEMS = {
        "dev.quintet.auth..",
        "dev.quintet.notify..",
        "dev.quintet.chat..",
        "dev.quintet.files..",
        "dev.quintet.analytics.."
    };
    private static final Set<String> FILE_WRITES =
            Set.of(
                    "write",
                    "writeString",
                    "newOutputStream",
                    "newBufferedWriter",
                    "newByteChannel",
                    "copy",
                    "move",
                    "delete",
                    "deleteIfExists",
                    "createFile",
                    "createDirectory",
                    "createDirectories",
                    "createTempFile",
                    "createTempDirectory",
                    "createLink",
                    "createSymbolicLink",
                    "setPosixFilePermissions");

    // Their files are PostgreSQL's own or its programs: it forces them itself, or they are unpacked
    // anew.
    private static final String POSTGRES_FILES =
            "dev\\.quintet\\.platform\\.sql\\.(PostgresBinaries|PostgresFolder|Unprivileged)(\\$.*)?";
    // A client of the server on this machine, in a process of its own.
    private static final String ASKS_OUR_OWN_SERVER = "dev\\.quintet\\.server\\.TrainingLoad.*";
    // Opens a file to read it: sendfile wants a channel.
    private static final String SENDS_FILES = "dev\\.quintet\\.platform\\.http\\.Answer(\\$.*)?";
    // LISTEN needs a connection of its own, outside every pool and transaction.
    private static final String LISTENS = "dev\\.quintet\\.platform\\.bus\\.PostgresBus(\\$.*)?";

    private record Rule(ArchRule rule, List<Class<?>> planted) {}

    private static final List<Rule> RULES =
            List.of(
                    new Rule(
                            slices().matching("dev.quintet.(auth|notify|chat|files|analytics)..")
                                    .should()
                                    .notDependOnEachOther(),
                            List.of(PlantedReachIntoNotify.class, PlantedQuery.class)),
                    new Rule(
                            noClasses()
                                    .that()
                                    .resideInAPackage("dev.quintet.platform..")
                                    .should()
                                    .dependOnClassesThat()
                                    .resideInAnyPackage(SYSTEMS),
                            List.of(PlantedSystemNoun.class)),
                    new Rule(
                            noClasses()
                                    .that(not(resideInAPackage("dev.quintet.server..")))
                                    .should()
                                    .dependOnClassesThat()
                                    .resideInAPackage("dev.quintet.server.."),
                            List.of(PlantedSystemNoun.class)),
                    new Rule(
                            noClasses()
                                    .that(not(resideInAPackage("dev.quintet.platform.http..")))
                                    .should()
                                    .dependOnClassesThat()
                                    .resideInAnyPackage("io.vertx..", "io.netty.."),
                            List.of(PlantedNetty.class)),
                    new Rule(
                            noClasses()
                                    .that(
                                            not(
                                                    resideInAPackage("dev.quintet.platform.sql..")
                                                            .or(simpleNameContaining("Store"))))
                                    .and(not(resideInAPackage("dev.quintet.analytics.lake..")))
                                    .and()
                                    .haveNameNotMatching(LISTENS)
                                    .should()
                                    .dependOnClassesThat()
                                    .resideInAnyPackage(
                                            "java.sql..",
                                            "org.jdbi..",
                                            "org.postgresql..",
                                            "com.zaxxer.."),
                            List.of(PlantedQuery.class)),
                    new Rule(
                            noClasses()
                                    .that(
                                            not(
                                                    resideInAnyPackage(
                                                            "dev.quintet.analytics.lake..",
                                                            "dev.quintet.analytics.iceberg..")))
                                    .should()
                                    .dependOnClassesThat()
                                    .resideInAnyPackage("org.duckdb..", "org.apache.iceberg.."),
                            List.of(PlantedDuck.class)),
                    new Rule(
                            noClasses()
                                    .that(not(resideInAPackage("dev.quintet.platform.egress..")))
                                    .and()
                                    .haveNameNotMatching(ASKS_OUR_OWN_SERVER)
                                    .should()
                                    .dependOnClassesThat()
                                    .resideInAnyPackage("java.net.http..", "org.apache.hc..")
                                    .orShould()
                                    .callMethod(java.net.URL.class, "openConnection")
                                    .orShould()
                                    .callMethod(java.net.URL.class, "openStream"),
                            List.of(PlantedHttpClient.class)),
                    new Rule(
                            noClasses()
                                    .that(not(resideInAPackage("dev.quintet.platform.disk..")))
                                    .and()
                                    .haveNameNotMatching(POSTGRES_FILES)
                                    .and()
                                    .haveNameNotMatching(SENDS_FILES)
                                    .should()
                                    .callMethodWhere(writesAFile()),
                            List.of(PlantedWriterHelper.class)),
                    new Rule(
                            classes()
                                    .should()
                                    .haveSimpleNameNotEndingWith("Impl")
                                    .andShould()
                                    .haveNameNotMatching(
                                            ".*(Manager|Util|Utils|Helper|Service|DTO|Dto|Base)(\\$.*)?")
                                    .andShould()
                                    .haveNameNotMatching(".*\\.Abstract\\w+"),
                            List.of(PlantedWriterHelper.class)));

    /** Without tests, whether they lie in a folder or, once packaged, in platform's test jar. */
    private static JavaClasses product() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("dev.quintet");
    }

    @TestFactory
    Stream<DynamicTest> product_code_keeps_the_rules() {
        JavaClasses product = product();
        // A rule over nothing passes: the five systems and the platform must really be here.
        for (String system : SYSTEMS) {
            assertThat(product.stream().filter(resideInAPackage(system)))
                    .as(system)
                    .hasSizeGreaterThan(5);
        }
        return RULES.stream()
                .map(rule ->
                        DynamicTest.dynamicTest(
                                rule.rule().getDescription(), () -> rule.rule().check(product)));
    }

    @TestFactory
    Stream<DynamicTest> every_rule_catches_its_planted_violation() {
        return RULES.stream()
                .map(rule ->
                        DynamicTest.dynamicTest(
                                rule.rule().getDescription(),
                                () ->
                                        assertThatThrownBy(() ->
                                                        rule.rule()
                                                                .check(
                                                                        new ClassFileImporter()
                                                                                .importClasses(
                                                                                        rule.planted()
                                                                                                .toArray(
                                                                                                        Class<
                                                                                                                                ?>
                                                                                                                        []
                                                                                                                ::new))))
                                                .isInstanceOf(AssertionError.class)));
    }

    private static DescribedPredicate<JavaCall<?>> writesAFile() {
        return new DescribedPredicate<>("writes a file") {
            @Override
            public boolean test(JavaCall<?> call) {
                JavaClass owner = call.getTargetOwner();
                return (owner.isEquivalentTo(java.nio.file.Files.class)
                                && FILE_WRITES.contains(call.getName()))
                        || (owner.isEquivalentTo(java.nio.channels.FileChannel.class)
                                && call.getName().equals("open"));
            }
        };
    }

    @Test
    void file_streams_are_opened_by_the_disk_alone() {
        ArchRule rule =
                noClasses()
                        .that(not(resideInAPackage("dev.quintet.platform.disk..")))
                        .should()
                        .callConstructor(java.io.FileOutputStream.class, java.io.File.class)
                        .orShould()
                        .callConstructor(java.io.FileOutputStream.class, String.class)
                        .orShould()
                        .dependOnClassesThat()
                        .areAssignableTo(java.io.RandomAccessFile.class);
        rule.check(product());
        assertThatThrownBy(() ->
                        rule.check(
                                new ClassFileImporter().importClasses(PlantedWriterHelper.class)))
                .isInstanceOf(AssertionError.class);
    }
}
