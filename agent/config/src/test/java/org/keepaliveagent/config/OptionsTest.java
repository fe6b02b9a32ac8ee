package org.keepaliveagent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keepaliveagent.policy.Mode;

/** The options in their three forms. */
class OptionsTest {
  @Test
  void theArgumentComesBeforeThePropertyAndThatBeforeTheVariable() {
    Map<String, String> property = Map.of("keepalive.mode", "off", "keepalive.policy", "p.yaml");
    Map<String, String> environment =
        Map.of(
            "KEEPALIVE_MODE", "enforce", "KEEPALIVE_POLICY", "e.yaml", "KEEPALIVE_TELEMETRY", "on");
    Options options = Options.read("mode=observe", property::get, environment::get);
    assertEquals(List.of(), options.problems());
    assertEquals(Mode.OBSERVE, options.mode());
    assertEquals(Path.of("p.yaml"), options.policy());
    assertEquals(Options.Telemetry.ON, options.telemetry());
  }

  @Test
  void withoutAnyTheDefaultsHold() {
    Options options = Options.read(null, name -> null, name -> null);
    assertEquals(List.of(), options.problems());
    assertNull(options.mode());
    assertNull(options.policy());
    assertTrue(options.enabled());
    assertEquals(false, options.failsOnError());
    assertEquals(false, options.throwsFaults());
    assertEquals(Options.Telemetry.AUTO, options.telemetry());
  }

  @Test
  void relocatedCopiesAreLookedForUnderKnownAndNamedPrefixes() {
    assertEquals(Shaded.KNOWN, shaded(""));
    assertEquals(Shaded.KNOWN, shaded("shaded=auto"));
    assertEquals(List.of(), shaded("shaded=off"));
    assertEquals(
        List.of("com.acme.", "org.other.$internal."),
        shaded("shaded=com.acme:org.other.$internal."));
    assertEquals(Shaded.KNOWN.size() + 1, shaded("shaded=com.acme:auto").size());
  }

  private static List<String> shaded(String arguments) {
    Options options = Options.read(arguments, name -> null, name -> null);
    assertEquals(List.of(), options.problems());
    return options.shaded();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "polcy=x            | KA001 agent argument polcy: no such option; did you mean policy?",
        "mode=enforced      | KA002 agent argument mode: \"enforced\" is not",
        "policy             | KA003 agent argument: \"policy\" is not key=value.",
        "shaded=com/acme    | KA002 agent argument shaded: \"com/acme\" is not",
        "shaded=auto:off    | KA002 agent argument shaded: \"auto:off\" is not",
        "shaded=.acme       | KA002 agent argument shaded: \".acme\" is not",
        "mode=off,mode=off  | KA004 agent argument mode: given twice",
      })
  void aMistakeIsReportedAndTheDefaultHolds(String arguments, String expected) {
    Options options = Options.read(arguments.trim(), name -> null, name -> null);
    assertEquals(1, options.problems().size(), options.problems().toString());
    String said = options.problems().get(0).toString();
    assertTrue(said.startsWith(expected), said);
  }
}
