package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyConfigTest {
  private static ProxyConfig read(String text) throws ConfigException {
    return ProxyConfig.parse("nginx.conf", text);
  }

  @Test
  void aWholeFileIsRead() throws Exception {
    ProxyConfig config =
        read(
            """
            # The reference.
            worker_processes 3;
            events { worker_connections 1024; }
            http {
              proxy_connect_timeout 5s; proxy_set_header Host "a \\"b\\" ; {";
              upstream app {
                server 127.0.0.1:8081; server [::1];
                keepalive 32; keepalive_requests 1000; keepalive_time 1h; keepalive_timeout 60s;
              }
              server {
                listen 8080; listen 127.0.0.1:8081;
                listen [::1]:8082;
                server_name a.example b#c.example;
                proxy_read_timeout 500ms;
                location / { proxy_pass http://app; proxy_http_version 1.1; }
                location /b/ {
                  proxy_pass http://127.0.0.1:81/c/;
                  proxy_read_timeout "1m 30s";
                  proxy_set_header Connection "";
                }
              }
            }
            """);
    assertEquals(3, config.workers());
    Server server = config.servers().get(0);
    assertEquals(
        List.of("0.0.0.0:8080", "127.0.0.1:8081", "[::1]:8082"),
        server.listen().stream().map(Proxy::text).toList());
    Action.Pass root = (Action.Pass) server.locations().get(0).action();
    Action.Pass b = (Action.Pass) server.locations().get(1).action();
    assertEquals("app", root.upstream().name());
    assertEquals(
        List.of("127.0.0.1:8081", "[::1]:80"),
        root.upstream().members().stream()
            .map(member -> member.peer().host() + ":" + member.peer().port())
            .toList());
    assertEquals(Duration.ofSeconds(5), root.connectTimeout());
    assertEquals(Duration.ofMillis(500), root.readTimeout());
    assertEquals(Duration.ofSeconds(90), b.readTimeout());
    assertEquals("127.0.0.1:81", b.upstream().name());
    assertEquals("/c/", b.replacement());
    assertEquals(root, server.outer().find("/a").action());
    assertEquals("a.example", server.name());
  }

  @Test
  void defaultsAreNginxs() throws Exception {
    ProxyConfig config = read("http { server { location / { proxy_pass http://127.0.0.1; } } }");
    Action.Pass pass = (Action.Pass) config.servers().get(0).locations().get(0).action();
    assertEquals(1, config.workers());
    assertEquals(List.of(new InetSocketAddress(80)), config.servers().get(0).listen());
    assertEquals(80, pass.upstream().members().get(0).peer().port());
    assertEquals(Duration.ofSeconds(60), pass.connectTimeout());
    assertEquals(Duration.ofSeconds(60), pass.readTimeout());
    assertEquals(
        Runtime.getRuntime().availableProcessors(), read("worker_processes auto;").workers());
  }

  @ParameterizedTest
  @CsvSource({
    "~ ( { }, invalid regex \"(\"",
    "~* [ { }, invalid regex \"[\"",
    "~ / { proxy_pass http://127.0.0.1/x; }, '\"proxy_pass\" cannot have URI part in location given"
        + " by regular expression, or inside named location, or inside \"if\" statement, or inside"
        + " \"limit_except\" block'"
  })
  void aMistakeInALocationByARegularExpressionIsTold(String location, String message) {
    String text = "http { server { location %s } }".formatted(location);
    ConfigException e = assertThrows(ConfigException.class, () -> read(text));
    assertEquals(message + " in nginx.conf:1", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '~',
      value = {
        "foo bar; ~ unknown directive \"foo\" in nginx.conf:1",
        "|foo; ~ unknown directive \"foo\" in nginx.conf:2",
        "http {|server {|listen 80|}|} ~ directive \"listen\" is not terminated by \";\" in"
            + " nginx.conf:4",
        "worker_processes 1 ~ unexpected end of file, expecting \";\" or \"}\" in nginx.conf:1",
        "http {| ~ unexpected end of file, expecting \"}\" in nginx.conf:2",
        "} ~ unexpected \"}\" in nginx.conf:1",
        "; ~ unexpected \";\" in nginx.conf:1",
        "worker_processes \"1|2; ~ unexpected end of file, expecting \" in nginx.conf:1",
        "worker_processes \"1\"2; ~ unexpected \"2\" in nginx.conf:1",
        "http; ~ directive \"http\" has no opening \"{\" in nginx.conf:1",
        "worker_processes 1 { } ~ directive \"worker_processes\" is not terminated by \";\" in"
            + " nginx.conf:1",
        "listen 80; ~ \"listen\" directive is not allowed here in nginx.conf:1",
        "http { location / { } } ~ \"location\" directive is not allowed here in nginx.conf:1",
        "worker_processes 1 2; ~ invalid number of arguments in \"worker_processes\" directive in"
            + " nginx.conf:1",
        "http { server { location = / x { } } } ~ invalid number of arguments in \"location\""
            + " directive in nginx.conf:1",
        "http { server { location != / { } } } ~ invalid location modifier \"!=\" in nginx.conf:1",
        "http { server { location /a { location @a { } } } } ~ named location \"@a\" can be on the"
            + " server level only in nginx.conf:1",
        "http { server { location @a { location /b { } } } } ~ location \"/b\" cannot be inside the"
            + " named location \"@a\" in nginx.conf:1",
        "http { server { location = /a { location /a/b { } } } } ~ location \"/a/b\" cannot be"
            + " inside the exact location \"/a\" in nginx.conf:1",
        "http { server { location /a { location /b { } } } } ~ location \"/b\" is outside location"
            + " \"/a\" in nginx.conf:1",
        "http { error_page 404; } ~ invalid number of arguments in \"error_page\" directive in"
            + " nginx.conf:1",
        "http { error_page = /x; } ~ invalid value \"=\" in nginx.conf:1",
        "http { error_page 404 =x /x; } ~ invalid value \"=x\" in nginx.conf:1",
        "http { error_page 499 /x; } ~ invalid value \"499\" in nginx.conf:1",
        "http { error_page 200 /x; } ~ value \"200\" must be between 300 and 599 in nginx.conf:1",
        "http { add_header X y never; } ~ invalid parameter \"never\" in nginx.conf:1",
        "http { add_header Content-Length 5; } ~ invalid header name \"Content-Length\" in"
            + " nginx.conf:1",
        "http { add_header 'X:' y; } ~ invalid header name \"X:\" in nginx.conf:1",
        "http { client_max_body_size 1x; } ~ \"client_max_body_size\" directive invalid"
            + " value in nginx.conf:1",
        "http { keepalive_timeout 5s x; } ~ \"keepalive_timeout\" directive invalid value"
            + " in nginx.conf:1",
        "worker_processes 1;|worker_processes 1; ~ \"worker_processes\" directive is duplicate in"
            + " nginx.conf:2",
        "worker_processes 0; ~ \"worker_processes\" directive invalid value in" + " nginx.conf:1",
        "events { worker_connections many; } ~ invalid number \"many\"" + " in nginx.conf:1",
        "http { upstream u { } } ~ no servers are inside upstream in nginx.conf:1",
        "http { upstream u { server 127.0.0.1; }|upstream u { server 127.0.0.1; } } ~ duplicate"
            + " upstream \"u\" in nginx.conf:2",
        "http { upstream u { server no.such.host.invalid:80; } } ~ host not found in upstream"
            + " \"no.such.host.invalid:80\" in nginx.conf:1",
        "http { upstream u { server 127.0.0.1 weight=0; } } ~ invalid parameter \"weight=0\" in"
            + " nginx.conf:1",
        "http { upstream u { server 127.0.0.1 fail_timeout=x; } } ~ invalid parameter"
            + " \"fail_timeout=x\" in nginx.conf:1",
        "http { upstream u { server 127.0.0.1 up; } } ~ invalid parameter \"up\" in nginx.conf:1",
        "http { upstream u { server 127.0.0.1 backup; } } ~ no servers in upstream \"u\" in"
            + " nginx.conf:1",
        "http { upstream u { server 127.0.0.1;|keepalive_time 1x; } } ~"
            + " \"keepalive_time\" directive invalid value in nginx.conf:2",
        "http { server { listen 99999; } } ~ invalid port in \"99999\" of the \"listen\" directive"
            + " in nginx.conf:1",
        "http { server { listen 80;|listen *:80; } } ~ a duplicate listen *:80 in nginx.conf:2",
        "http { server { listen 80 default_server; }|server { listen 80 default_server; } } ~ a"
            + " duplicate default server for 0.0.0.0:80 in nginx.conf:2",
        "http { server { listen 80 quic; } } ~ invalid parameter \"quic\" in nginx.conf:1",
        "http { server { server_name a.*.b; } } ~ invalid server name or wildcard \"a.*.b\" in"
            + " nginx.conf:1",
        "http { server { return 99; } } ~ invalid return code \"99\" in nginx.conf:1",
        "http { server { return /x; } } ~ invalid return code \"/x\" in nginx.conf:1",
        "http { server { return 200 $nothing; } } ~ unknown \"nothing\" variable in nginx.conf:1",
        "http { server { return 200 5$; } } ~ invalid variable name in nginx.conf:1",
        "http { server { location / { proxy_pass ftp://127.0.0.1; } } } ~ invalid URL prefix in"
            + " nginx.conf:1",
        "http { server { location / { proxy_pass http://127.0.0.1; }|location / { proxy_pass"
            + " http://127.0.0.1; } } } ~ duplicate location \"/\" in nginx.conf:2",
        "http { proxy_http_version 3; } ~ invalid value \"3\"" + " in nginx.conf:1",
        "http { proxy_next_upstream error x; } ~ invalid value \"x\" in nginx.conf:1",
        "http { proxy_next_upstream_tries x; } ~ \"proxy_next_upstream_tries\" directive invalid"
            + " number in nginx.conf:1",
        "http { server { location / { proxy_read_timeout 1 m; } } } ~ invalid number of arguments"
            + " in \"proxy_read_timeout\" directive in nginx.conf:1",
        "http { server { location / { proxy_pass http://127.0.0.1; proxy_read_timeout soon; } } } ~"
            + " \"proxy_read_timeout\" directive invalid value in nginx.conf:1",
        "http { upstream u { server 127.0.0.1; ip_hash; } } ~ unknown directive \"ip_hash\" in"
            + " nginx.conf:1",
        "http { upstream u { server 127.0.0.1; }|server { location / { proxy_pass http://u:81; } }"
            + " } ~ upstream \"u\" may not have port 81 in nginx.conf:2",
      })
  void aMistakeIsToldWithItsPlace(String text, String message) {
    ConfigException e = assertThrows(ConfigException.class, () -> read(text.replace('|', '\n')));
    assertEquals(message, e.getMessage());
  }
}
