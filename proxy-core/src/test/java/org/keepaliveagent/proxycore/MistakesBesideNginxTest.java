package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A configuration that cannot be used is refused by nginx in the same words. */
@Timeout(60)
class MistakesBesideNginxTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http { keepalive_timeout x; }",
        "http { keepalive_timeout 5s x; }",
        "http { keepalive_timeout 5s 6s 7s; }",
        "http { keepalive_requests x; }",
        "http { keepalive_time x; }",
        "http { send_timeout x; }",
        "http { client_body_timeout x; }",
        "http { client_header_timeout x; }",
        "http { server { location / { client_header_timeout 1s; } } }",
        "http { client_max_body_size 1x; }",
        "http { client_max_body_size; }",
        "http { add_header X; }",
        "http { add_header X y never; }",
        "http { error_page 499 /x; }",
        "http { error_page 200 /x; }",
        "http { error_page 600 /x; }",
        "http { error_page x /x; }",
        "http { error_page = /x; }",
        "http { error_page 404 =x /x; }",
        "http { error_page 404; }",
        "http { error_page 404 405 = x =; }",
        "http { server { location /a { location @a { } } } }",
        "http { server { location ~ a { location /b { } } } }",
        "http { server { location /a { location /b { } } } }",
        "http { server { location = /a { location /a/b { } } } }",
        "http { server { location @a { location /b { } } } }",
        "http { server { location /a { } location /a { } } }",
        "http { server { location /a { location /a/b { } location /a/b { } } } }",
        "http { server { location @a { proxy_pass http://127.0.0.1/x; } } }",
        "http { server { stub_status on off; } }",
        "http { stub_status; }",
        "http { proxy_intercept_errors x; }",
        "http { root a; root b; }",
        "http { root; }",
        "http { index; }",
        "http { default_type; }",
        "http { types; }",
        "http { types x { } }",
        "http { server_tokens maybe; }",
        "http { gzip maybe; }",
        "http { types_hash_max_size x; }",
        "http { proxy_http_version 3; }",
        "http { proxy_connect_timeout soon; server { location / { proxy_pass http://127.0.0.1; } } }",
        "http { include none; }",
        "http { include a b; }",
        "http { include { } }",
        "worker_rlimit_nofile x;",
        "worker_processes x;",
        "daemon x;",
        "root a;"
      })
  void theMistakeIsToldAlike(String text) throws Exception {
    refusedAlike(text + "\nevents { }\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "events { worker_connections x; }",
        "events { use kqueues; }",
        "events { multi_accept x; }"
      })
  void soIsOneOfTheEvents(String text) throws Exception {
    refusedAlike(text);
  }

  private void refusedAlike(String text) throws Exception {
    Path file = folder.resolve("nginx.conf");
    Files.writeString(file, text);
    String told = RealNginx.refusal(folder, file);
    ConfigException e =
        assertThrows(ConfigException.class, () -> ProxyConfig.read(folder, file, ""));
    assertEquals(told, "nginx: [emerg] " + e.getMessage());
  }
}
