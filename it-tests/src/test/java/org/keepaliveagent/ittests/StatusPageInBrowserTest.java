package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.keepaliveagent.ittests.FickleOrigin.Habit;

/**
 * The status page of the real jar in a real browser, at the width of a phone and of a desktop. The
 * images are left in {@code target/screenshots} to be looked at.
 */
class StatusPageInBrowserTest {
  private static final Path IMAGES = Path.of("target/screenshots");
  private static final String TOKEN = "a-token-for-this-test";
  private static final String FITS =
      "document.documentElement.scrollWidth <= document.documentElement.clientWidth";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  // Chromium's last child may still write when the test is over.
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private Path browser;

  @BeforeEach
  void findBrowser() {
    Path installed = Chromium.installed();
    if (installed == null) {
      String said = "NOT RUN: StatusPageInBrowserTest needs chromium, which is not installed here";
      System.out.println("\n*** " + said + " ***\n");
      abort(said);
    }
    browser = installed;
  }

  @Test
  void itIsReadableFollowsWhatHappensAndSwitchesTheMode() throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("keepalive.yaml"),
            """
            defaults:
              keepalive_timeout: 60s
              next_upstream: [error]
            """);
    try (FickleOrigin advertising = FickleOrigin.start(Habit.ADVERTISES);
        FickleOrigin resetting = FickleOrigin.start(Habit.RESETS);
        ForkedProxy proxy =
            ForkedProxy.start(
                folder,
                List.of(advertising.port(), resetting.port()),
                List.of(ForkedProxy.agent("status=0,policy=" + policy)),
                Map.of("KEEPALIVE_STATUS_TOKEN", TOKEN))) {
      String said = proxy.jvm().awaitErr(line -> line.contains("status page on "));
      URI page = URI.create(said.substring(said.indexOf("http://")));
      try (Chromium chromium =
          Chromium.open(browser, Files.createDirectory(folder.resolve("browser")), page)) {
        chromium.screen(390, 844, true);
        chromium.await("document.body.innerText.includes('No connection has been opened yet')");
        send(proxy, 30);

        // The page was not loaded again: it follows by itself.
        chromium.await(shows("http://127.0.0.1:" + advertising.port()));
        chromium.await(shows("KF04"));
        chromium.await(shows("Write keepalive_timeout: "));
        chromium.await(shows("5 s advertised"));
        chromium.await(shows("1 min policy"));
        chromium.await(shows("sent again"));
        chromium.await(shows("proxy-core"));
        assertTrue(chromium.is(FITS), "it is wider than a phone");
        Files.createDirectories(IMAGES);
        chromium.screenshot(IMAGES.resolve("status-phone.png"));
        chromium.screen(1280, 900, false);
        assertTrue(chromium.is(FITS), "it is wider than a desktop");
        chromium.screenshot(IMAGES.resolve("status-desktop.png"));

        submit(chromium, "not the token at all");
        chromium.await("document.getElementById('switched').innerText.includes('not the token')");
        assertTrue(chromium.is(shows("mode as each policy states")));
        submit(chromium, TOKEN);
        chromium.await(shows("mode observe"));
        chromium.await(shows("mode observe for every policy"));
        proxy.jvm().awaitErr(line -> line.contains("mode observe for every policy from now on"));

        // The one complaint is of the token that was refused.
        List<String> complaints = chromium.complaints();
        assertEquals(1, complaints.size(), complaints.toString());
        assertTrue(complaints.get(0).contains("403"), complaints.toString());
      }
    }
  }

  private static String shows(String text) {
    return "document.body.innerText.replace(/\\s+/g, ' ').includes('" + text + "')";
  }

  private static void submit(Chromium chromium, String token) throws Exception {
    chromium.evaluate(
        "document.getElementById('mode').value = 'observe';"
            + "document.getElementById('token').value = '"
            + token
            + "';document.querySelector('#switch button').click()");
  }

  private void send(ForkedProxy proxy, int requests) throws Exception {
    for (int i = 0; i < requests; i++) {
      for (String upstream : List.of("0", "1")) {
        HttpRequest request =
            HttpRequest.newBuilder(proxy.address().resolve("/" + upstream + "/")).build();
        assertEquals(
            200, client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
      }
    }
  }
}
