package org.keepaliveagent.runtime;

import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.config.CheckReport;
import org.keepaliveagent.config.Compat;
import org.keepaliveagent.config.Conversion;
import org.keepaliveagent.config.PolicyReader;
import org.keepaliveagent.config.PolicyReading;

/** The commands {@code check} and {@code convert}: what a policy file means, without a JVM. */
final class PolicyCommands {
  private static final List<String> OF_CHECK =
      Arrays.asList("--format", "--upstream", "--method", "--compat");
  private static final List<String> OF_CONVERT = Arrays.asList("--to", "--compat");

  /** What a command line does not say right. */
  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1;

    Wrong(String message) {
      super(message, null, false, false);
    }
  }

  private final PrintStream out;
  private final PrintStream err;
  private final String usage;

  PolicyCommands(PrintStream out, PrintStream err, String usage) {
    this.out = out;
    this.err = err;
    this.usage = usage;
  }

  /** The exit code. */
  int run(String[] arguments) {
    try {
      boolean check = arguments[0].equals("check");
      Map<String, String> options = options(arguments, check ? OF_CHECK : OF_CONVERT);
      if (arguments.length < 2) {
        throw new Wrong("name a policy file");
      }
      Path file = Paths.get(arguments[1]);
      return check ? check(file, options) : convert(file, options);
    } catch (InvalidPathException e) {
      return wrong("\"" + arguments[1] + "\" is no path");
    } catch (Wrong e) {
      return wrong(String.valueOf(e.getMessage()));
    }
  }

  private int wrong(String what) {
    err.println("keepalive-agent: " + what + ".\n" + usage);
    return 2;
  }

  private static Map<String, String> options(String[] arguments, List<String> known) throws Wrong {
    Map<String, String> options = new HashMap<>();
    for (int i = 2; i < arguments.length; i += 2) {
      if (!known.contains(arguments[i])) {
        throw new Wrong("there is no option " + arguments[i]);
      }
      if (i + 1 == arguments.length) {
        throw new Wrong(arguments[i] + " needs a value");
      }
      if (options.put(arguments[i], arguments[i + 1]) != null) {
        throw new Wrong(arguments[i] + " is given twice");
      }
    }
    return options;
  }

  private static PolicyReading read(Path file, Map<String, String> options) throws Wrong {
    String word = options.getOrDefault("--compat", Compat.V1_31.word());
    Compat compat = Compat.of(word);
    if (compat == null) {
      throw new Wrong("--compat is 1.22 or 1.31, not \"" + word + "\"");
    }
    return new PolicyReader(null, compat, System::getenv).read(file);
  }

  private int check(Path file, Map<String, String> options) throws Wrong {
    String format = options.getOrDefault("--format", "text");
    if (!format.equals("text") && !format.equals("json")) {
      throw new Wrong("--format is text or json, not \"" + format + "\"");
    }
    String url = options.get("--upstream");
    if (url == null && options.containsKey("--method")) {
      throw new Wrong("--method goes with --upstream");
    }
    URI upstream = url == null ? null : upstream(url);
    CheckReport report = new CheckReport(file.toString(), read(file, options));
    if (upstream != null && report.isGood()) {
      explain(report, upstream, options.getOrDefault("--method", "GET"));
    } else {
      out.print(format.equals("json") ? report.json() : report.text());
    }
    out.flush();
    return report.isGood() ? 0 : 1;
  }

  private void explain(CheckReport report, URI upstream, String method) {
    String scheme = upstream.getScheme().toLowerCase(Locale.ROOT);
    String host = upstream.getHost();
    String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    int standard = scheme.equals("https") ? 443 : 80;
    int port = upstream.getPort() < 0 ? standard : upstream.getPort();
    for (String line : report.explain(scheme, name, port, method.toUpperCase(Locale.ROOT))) {
      out.println(line);
    }
  }

  private static URI upstream(String url) throws Wrong {
    URI uri = parsed(url);
    boolean http =
        uri != null
            && ("http".equalsIgnoreCase(uri.getScheme())
                || "https".equalsIgnoreCase(uri.getScheme()));
    if (uri == null || !http || uri.getHost() == null) {
      throw new Wrong(
          "--upstream is http://HOST[:PORT] or https://HOST[:PORT], not \"" + url + "\"");
    }
    return uri;
  }

  private static @Nullable URI parsed(String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private int convert(Path file, Map<String, String> options) throws Wrong {
    String to = options.getOrDefault("--to", PolicyReader.isNginx(file) ? "yaml" : "nginx");
    if (!to.equals("yaml") && !to.equals("nginx")) {
      throw new Wrong("--to is yaml or nginx, not \"" + to + "\"");
    }
    PolicyReading reading = read(file, options);
    if (reading.table() == null) {
      err.print(new CheckReport(file.toString(), reading).text());
      return 1;
    }
    Conversion conversion =
        to.equals("yaml") ? Conversion.toYaml(reading) : Conversion.toNginx(reading);
    out.print(conversion.text());
    out.flush();
    for (String dropped : conversion.dropped()) {
      err.println("not converted: " + dropped);
    }
    return 0;
  }
}
