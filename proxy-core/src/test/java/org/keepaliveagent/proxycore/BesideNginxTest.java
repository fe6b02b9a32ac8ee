package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same configuration and the same requests get the same answers from nginx. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class BesideNginxTest {
  private static NginxPair pair;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    pair = NginxPair.start(folder);
  }

  @AfterAll
  static void stop() throws IOException {
    if (pair != null) {
      pair.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /a.css",
        "GET /A.HTML",
        "GET /b",
        "GET /.hidden",
        "GET /nothing.css",
        "GET /link.css",
        "GET /big.bin",
        "GET /files/x%20y.png",
        "GET /files/x%2520y.png",
        "GET /none.css",
        "GET /a.css/",
        "GET /a.css/b",
        "GET /files",
        "GET /files?a=b",
        "GET /files/",
        "GET /files/?a=b",
        "GET /files/sub",
        "GET /files/sub/",
        "GET /empty/",
        "GET /empty/x",
        "GET /nowhere/",
        "GET /none/x",
        "GET /",
        "GET /files/../a.css",
        "GET /files/%2e%2e/a.css",
        "GET /files/..%2fa.css",
        "GET /../a.css",
        "GET /%2e%2e/a.css",
        "GET /files/..%2f..%2f..%2fetc/passwd",
        "GET //a.css",
        "GET /./a.css",
        "GET /a.css%00",
        "GET /added/x?none=",
        "GET /added2/?b=%0d%0aX-Evil:%201",
        "GET /added2/?b=1",
        "GET /added.html",
        "GET /e1/",
        "GET /e2/",
        "GET /e3/",
        "GET /e4/",
        "GET /e5/",
        "GET /e6/?a=x",
        "GET /e7/",
        "GET /e8/",
        "GET /e9/",
        "GET /e10/",
        "GET /e11/",
        "GET /e12/",
        "GET /e13/",
        "GET /e14/",
        "GET /e15/",
        "GET /e16/",
        "GET /inside",
        "GET /inside/nested",
        "GET /loop/",
        "GET /r200",
        "GET /r204",
        "GET /r299",
        "GET /r301",
        "GET /r302",
        "GET /r304",
        "GET /r307",
        "GET /r400",
        "GET /r402",
        "GET /r404",
        "GET /r418",
        "GET /r444",
        "GET /r499",
        "GET /r500",
        "GET /r503",
        "GET /plain",
        "GET /n",
        "GET /n/b",
        "GET /n/bd",
        "GET /n/c",
        "GET /n/cd",
        "GET /n/xd",
        "GET /f",
        "GET /f/g",
        "GET /f/x.re",
        "GET /x.re",
        "GET /y.re",
        "GET /up",
        "GET /up?x=y",
        "GET /up/i/200",
        "GET /up/i/401",
        "GET /up/i/404",
        "GET /up/i/500",
        "GET /up/i/503",
        "GET /up/n/404",
        "GET /up/s",
        "GET /up/slash",
        "GET /up/slash?x=y",
        "GET /up/slash/x",
        "GET /down",
        "GET /down/f",
        "GET /down/f?x=y",
        "GET /down/p",
        "HEAD /a.css",
        "HEAD /b",
        "HEAD /none.css",
        "HEAD /files/",
        "HEAD /e1/",
        "HEAD /r200",
        "HEAD /added/",
        "HEAD /big.bin",
        "HEAD /up",
        "HEAD /down",
        "HEAD /nothing.css",
        "HEAD /r402",
        "PUT /a.css",
        "DELETE /a.css",
        "OPTIONS /a.css",
        "PATCH /a.css",
        "POST /a.css",
        "POST /files/",
        "POST /files",
        "PUT /files/",
        "PUT /",
        "PUT /none.css",
        "POST /none.css",
        "POST /e1/",
        "POST /e4/",
        "POST /e10/",
        "POST /r200",
        "TRACE /a.css",
        "POST /up/i/404",
        "POST /up/i/500",
        "POST /down/f",
        "DELETE /down/f"
      })
  void theAnswerIsTheSame(String request) throws Exception {
    pair.answerAlike(request + " HTTP/1.1|Host: origin|Connection: close||");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=4-||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=-4||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=-400||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-400||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=16-||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=20-30||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=5-2||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=-0||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=x||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=-||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes= 1-2||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: lines=1-2||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-0||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range:"
            + " bytes=99999999999999999999-||",
        "HEAD /a.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3||",
        "GET /nothing.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3||",
        "GET /big.bin HTTP/1.1|Host: origin|Connection: close|Range: bytes=100000-400000||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3|If-Range:"
            + " \"6553f100-14\"||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3|If-Range: \"x\"||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3|If-Range: Tue, 14"
            + " Nov 2023 22:13:20 GMT||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3|If-Range: Tue, 14"
            + " Nov 2023 22:13:21 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Modified-Since: Tue, 14 Nov 2023"
            + " 22:13:20 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Modified-Since: Tue, 14 Nov 2023"
            + " 22:13:21 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Modified-Since: x||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Modified-Since: Tuesday, 14-Nov-23"
            + " 22:13:20 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: W/\"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"x\","
            + " \"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: *||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"x\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"x\"|If-Modified-Since:"
            + " Tue, 14 Nov 2023 22:13:20 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match:"
            + " \"6553f100-10\"|If-Modified-Since: x||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Match: \"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Match: \"x\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Match: W/\"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Unmodified-Since: Tue, 14 Nov 2023"
            + " 22:13:20 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Unmodified-Since: Tue, 14 Nov 2023"
            + " 22:13:19 GMT||",
        "GET /none.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3||",
        "POST /r200 HTTP/1.1|Host: origin|Connection: close|Content-Length: 10||0123456789",
        "POST /r200 HTTP/1.1|Host: origin|Connection: close|Content-Length: 11||0123456789a",
        "POST /big HTTP/1.1|Host: origin|Connection: close|Content-Length: 11||0123456789a",
        "POST /up HTTP/1.1|Host: origin|Connection: close|Content-Length: 10||0123456789",
        "POST /up HTTP/1.1|Host: origin|Connection: close|Content-Length: 11||0123456789a",
        "POST /up HTTP/1.1|Host: origin|Connection: close|Transfer-Encoding:"
            + " chunked||a|0123456789|0||",
        "POST /up HTTP/1.1|Host: origin|Connection: close|Transfer-Encoding:"
            + " chunked||b|0123456789a|0||",
        "PUT /down/f HTTP/1.1|Host: origin|Connection: close|Content-Length: 5||hello",
        "POST /down/f HTTP/1.1|Host: origin|Connection: close|Content-Length: 5||hello",
        "GET /ka0 HTTP/1.1|Host: origin||",
        "GET /ka1 HTTP/1.1|Host: origin||",
        "GET /kah HTTP/1.1|Host: origin||",
        "GET /r200 HTTP/1.1|Host: origin||",
        "GET /r200 HTTP/1.0|Host: origin||",
        "GET /r200 HTTP/1.0|Host: origin|Connection: keep-alive||",
        "GET /kah HTTP/1.0|Host: origin|Connection: keep-alive||",
        "GET /a.css HTTP/1.0|Host: origin|Connection: keep-alive||",
        "GET /ka0 HTTP/1.0|Host: origin|Connection: keep-alive||",
        "GET /r400 HTTP/1.1|Host: origin||",
        "GET /r404 HTTP/1.1|Host: origin||",
        "GET /r500 HTTP/1.1|Host: origin||"
      })
  void theAnswerToTheseHeadersIsTheSame(String request) throws Exception {
    pair.answerAlike(request);
  }
}
