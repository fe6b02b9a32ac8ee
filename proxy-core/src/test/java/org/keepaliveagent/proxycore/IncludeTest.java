package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations of several files, and what ordinary ones have in them. */
class IncludeTest {
  @TempDir private Path folder;

  private void file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private ProxyConfig read(String text) throws Exception {
    file("conf/nginx.conf", text);
    return ProxyConfig.read(folder, folder.resolve("conf/nginx.conf"), "");
  }

  @Test
  void filesAreIncludedWhereTheyAreNamed() throws Exception {
    file("conf/mime.types", "types { text/x x; image/y  y yy; }");
    file("conf/sites/b", "server { server_name b; include ../conf/parts/*.part; }");
    file("conf/sites/a", "server { server_name a; }");
    file("conf/sites/.hidden", "nonsense");
    file("conf/parts/1.part", "location /1 { return 200 one; }");
    file("conf/parts/2.part", "include parts/inner;");
    file("conf/parts/inner", "location /2 { return 200 two; }");
    ProxyConfig config =
        read(
            "http { include mime.types; default_type a/b; include sites/*; include none/*.conf;"
                + " include "
                + folder
                + "/conf/s?te[rs]/a; }");
    assertEquals(List.of("a", "b", "a"), config.servers().stream().map(Server::name).toList());
    Server b = config.servers().get(1);
    assertEquals(List.of("/1", "/2"), b.locations().stream().map(Location::text).toList());
    MimeTypes types = b.outer().settings().types();
    assertEquals("text/x", types.of("/a/b.x"));
    assertEquals("image/y", types.of("/a.b/c.YY"));
    assertEquals("a/b", types.of("/a.x/b"));
  }

  @Test
  void aMistakeIsToldWithTheFileItIsIn() throws Exception {
    file("conf/part", "\nnonsense 1;");
    String file = folder.resolve("conf").toString();
    ConfigException wrong = assertThrows(ConfigException.class, () -> read("include part;"));
    assertEquals("unknown directive \"nonsense\" in " + file + "/part:2", wrong.getMessage());
    ConfigException absent = assertThrows(ConfigException.class, () -> read("\ninclude no;"));
    assertEquals(
        "open() \"%1$s/no\" failed (2: No such file or directory) in %1$s/nginx.conf:2"
            .formatted(file),
        absent.getMessage());
    file("conf/part", "include part;");
    ConfigException circle = assertThrows(ConfigException.class, () -> read("include part;"));
    assertEquals(
        "open() \"%1$s/part\" failed (24: Too many open files) in %1$s/part:1".formatted(file),
        circle.getMessage());
    ConfigException none =
        assertThrows(
            ConfigException.class, () -> ProxyConfig.read(folder, folder.resolve("none"), ""));
    assertEquals(
        "open() \"%s/none\" failed (2: No such file or directory)".formatted(folder),
        none.getMessage());
  }

  @Test
  void theHeadOfAnOrdinaryConfigurationIsRead() throws Exception {
    ProxyConfig config =
        read(
            """
            user www-data;
            worker_processes 2;
            worker_rlimit_nofile 65535;
            worker_cpu_affinity auto;
            load_module modules/ngx_http_echo_module.so;
            events { worker_connections 768; use epoll; multi_accept on; accept_mutex off; }
            http {
              sendfile on; tcp_nopush on; tcp_nodelay on; gzip on; server_tokens off;
              ssl_prefer_server_ciphers on;
              types_hash_max_size 2048; types_hash_bucket_size 64;
              server_names_hash_bucket_size 64;
              keepalive_timeout 65; client_max_body_size 8m;
              server { }
            }
            """);
    assertEquals(2, config.workers());
    LocationSettings settings = config.servers().get(0).outer().settings();
    assertEquals(8 * 1024 * 1024, settings.maxBodySize());
    assertEquals(65, settings.limits().idle().toSeconds());
  }

  @Test
  void theTypesThatNginxComesWithAreRead() throws Exception {
    Path own = Path.of("/etc/nginx/mime.types");
    assumeTrue(Files.isReadable(own), "not run: there is no " + own);
    ProxyConfig config = read("http { include " + own + "; server { } }");
    MimeTypes types = config.servers().get(0).outer().settings().types();
    assertEquals("text/css", types.of("/a.css"));
    assertEquals("image/svg+xml", types.of("/a.svgz"));
    assertEquals("text/plain", types.of("/a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "http { server { sendfile yes; } } ~ invalid value \"yes\" in \"sendfile\" directive, it must"
            + " be \"on\" or \"off\"",
        "events { use kqueues; } ~ invalid event type \"kqueues\"",
        "worker_rlimit_nofile x; ~ \"worker_rlimit_nofile\" directive invalid number",
        "include a b; ~ invalid number of arguments in \"include\" directive",
        "include a { } ~ directive \"include\" is not terminated by \";\"",
      })
  void aMistakeInItIsTold(String text, String message) {
    ConfigException e = assertThrows(ConfigException.class, () -> read(text));
    assertEquals(message + " in " + folder.resolve("conf/nginx.conf") + ":1", e.getMessage());
  }
}
