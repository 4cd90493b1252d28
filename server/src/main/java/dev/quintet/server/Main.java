package dev.quintet.server;

import dev.quintet.platform.StartRefused;
import dev.quintet.platform.config.BadSettings;
import dev.quintet.platform.telemetry.Logs;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The commands of the server; what is wrong is said in one sentence on standard error, with exit
 * status 1.
 */
@Command(
        name = "quintet",
        description = "Authentication, notifications, chat, files and analytics in one server.",
        subcommands = {
            Main.Serve.class,
            Main.CheckConfig.class,
            Main.DefaultConfig.class,
            Main.AdminKey.class,
            Main.ConsoleLinkCommand.class,
            Main.ChangeUrl.class,
            Main.SetAsideEvents.class
        })
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof StartRefused || failure instanceof BadSettings) {
                command.getErr().println("quintet: " + failure.getMessage());
                return 1;
            }
            throw failure;
        });
        int status = line.execute(arguments);
        Logs.stop();
        System.exit(status);
    }

    /**
     * Where settings come from: options win over the environment, the environment over the file.
     */
    static final class Sources {

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "Settings in YAML; quintet.yaml beside the data when there.")
        Optional<Path> config = Optional.empty();

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "The data directory (default: ${DEFAULT-VALUE}, or QUINTET_DATA).")
        Path data = Path.of(System.getenv().getOrDefault("QUINTET_DATA", "data"));

        @Option(
                names = "--port",
                paramLabel = "PORT",
                description = "The port of everything but S3; 0 = any free one.")
        Optional<String> port = Optional.empty();

        @Option(
                names = "--only",
                paramLabel = "SYSTEMS",
                split = ",",
                description = "The systems that exist, by comma.")
        List<String> only = List.of();

        @Option(
                names = "--memory",
                paramLabel = "SIZE",
                description = "The memory budget, e.g. 2g; the launcher derives the heap from it.")
        Optional<String> memory = Optional.empty();

        Map<String, String> options() {
            Map<String, String> options = new HashMap<>();
            port.ifPresent(value -> options.put("http.port", value));
            // A second server on this machine must not meet the first one's S3 port.
            port.filter("0"::equals).ifPresent(any -> options.put("files.s3.port", "0"));
            return options;
        }

        QuintetConfig load() {
            QuintetConfig loaded = QuintetConfig.load(config, System.getenv(), options());
            // Before any library says something: standard output is for what a command prints.
            Logs.start(loaded.telemetry());
            return loaded;
        }
    }

    @Command(name = "serve", description = "Runs the server until SIGTERM, which drains it.")
    static final class Serve implements Callable<Integer> {

        @Mixin final Sources sources = new Sources();

        @Override
        public Integer call() {
            try (Quintet quintet =
                    Quintet.start(sources.load(), sources.data, Systems.of(sources.only))) {
                quintet.announce(System.out);
                quintet.awaitStop();
            }
            return 0;
        }
    }

    @Command(
            name = "check-config",
            description = "Says what is wrong with the settings, all at once.")
    static final class CheckConfig implements Callable<Integer> {

        @Mixin final Sources sources = new Sources();

        @Override
        public Integer call() {
            QuintetConfig config = sources.load();
            String memory = Memory.ofThisProcess().split(config, Systems.of(sources.only));
            System.out.println("the settings are good; memory: " + memory);
            return 0;
        }
    }

    @Command(
            name = "default-config",
            description = "Prints every setting with its default, bounds and meaning.")
    static final class DefaultConfig implements Callable<Integer> {

        @Override
        public Integer call() {
            System.out.print(QuintetConfig.SETTINGS.defaultYaml());
            return 0;
        }
    }

    @Command(
            name = "admin-key",
            description = "Makes another key with all rights and prints it once.")
    static final class AdminKey implements Callable<Integer> {

        @Mixin final Sources sources = new Sources();

        @Override
        public Integer call() {
            System.out.println(Offline.adminKey(sources.load(), sources.data));
            return 0;
        }
    }

    @Command(
            name = "console-link",
            description = "Prints a link that signs in to the console once.")
    static final class ConsoleLinkCommand implements Callable<Integer> {

        @Mixin final Sources sources = new Sources();

        @Override
        public Integer call() {
            System.out.println(Offline.consoleLink(sources.load(), sources.data));
            return 0;
        }
    }

    @Command(
            name = "change-url",
            description =
                    "Changes the public address that is fixed in the database; the server must be stopped.")
    static final class ChangeUrl implements Callable<Integer> {

        @Mixin final Sources sources = new Sources();

        @Parameters(paramLabel = "URL", description = "The new public base address.")
        URI url = URI.create("");

        @Override
        public Integer call() {
            Offline.changeUrl(sources.load(), sources.data, url);
            System.out.println("the address is now " + url + "; set 'url' to it on every node");
            return 0;
        }
    }

    @Command(
            name = "set-aside-events",
            description =
                    "Sets damaged pieces of the event log aside, so that loading goes on behind them; the server must be stopped.")
    static final class SetAsideEvents implements Callable<Integer> {

        @Mixin final Sources sources = new Sources();

        @Override
        public Integer call() {
            Offline.setEventsAside(sources.load(), sources.data).forEach(System.out::println);
            return 0;
        }
    }
}
