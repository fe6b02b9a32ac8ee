package org.keepaliveagent.ittests;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.keepaliveagent.ittests.FickleOrigin.Habit;

/**
 * In a JVM under the agent: requests without a pause while the policy is replaced over and over.
 * Prints what failed and what is left over.
 */
final class ReloadUnderLoad {
  private static final int THREADS = 8;
  private static final List<String> POLICIES =
      List.of(
          "defaults: {keepalive: 1, next_upstream: [error]}\n",
          "defaults: {keepalive: off}\n",
          "defaults: {keepalive_requests: 2, set_header: {Connection: \"\"}}\n",
          "defaults: {keepalive_timeout: 1ms}\n",
          "mode: observe\ndefaults: {keepalive: 1}\n",
          "mode: off\n",
          "defaults: {keepalive_time: 20ms, keepalive: 100}\n",
          "defaults: {keepalive: half written");

  private ReloadUnderLoad() {}

  /**
   * Runs.
   *
   * @param arguments the policy file, and how often it is replaced
   */
  public static void main(String[] arguments) throws Exception {
    Path policy = Path.of(arguments[0]);
    int reloads = Integer.parseInt(arguments[1]);
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    ObjectName agent = new ObjectName("org.keepaliveagent:type=KeepaliveAgent");
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    try (FickleOrigin server = FickleOrigin.start(Habit.NONE)) {
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/"))
              .timeout(Duration.ofSeconds(10))
              .POST(HttpRequest.BodyPublishers.ofString("x"))
              .build();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Thread thread =
            new Thread(
                () -> {
                  while (!stop.get()) {
                    try {
                      client.send(request, HttpResponse.BodyHandlers.discarding());
                      answered.incrementAndGet();
                    } catch (Exception e) {
                      e.printStackTrace();
                      failed.incrementAndGet();
                    }
                  }
                },
                "load");
        thread.start();
        threads.add(thread);
      }
      for (int i = 0; i < reloads; i++) {
        Files.writeString(policy, POLICIES.get(i % POLICIES.size()));
        beans.invoke(agent, "reload", new Object[0], new String[0]);
      }
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      Files.writeString(policy, "defaults: {keepalive: off}\n");
      beans.invoke(agent, "reload", new Object[0], new String[0]);
      long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (server.open() > 0 && System.nanoTime() - deadline < 0) {
        Thread.sleep(20);
      }
      System.out.println(
          "failed="
              + failed
              + " left="
              + server.open()
              + " reloads="
              + beans.getAttribute(agent, "Reloads")
              + " refused="
              + beans.getAttribute(agent, "FailedReloads")
              + " answered="
              + answered);
    }
  }
}
