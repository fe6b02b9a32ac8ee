package org.keepaliveagent.apachehttpclient5;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequests;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncServer;
import org.apache.hc.core5.http.nio.AsyncRequestConsumer;
import org.apache.hc.core5.http.nio.AsyncServerRequestHandler;
import org.apache.hc.core5.http.nio.entity.StringAsyncEntityConsumer;
import org.apache.hc.core5.http.nio.support.BasicRequestConsumer;
import org.apache.hc.core5.http.nio.support.BasicResponseProducer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.impl.nio.bootstrap.H2ServerBootstrap;
import org.apache.hc.core5.http2.ssl.H2ServerTlsStrategy;
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.conformance.TestTls;
import org.keepaliveagent.policy.Policy;

/** One asynchronous client that speaks HTTP/2 with one upstream and HTTP/1.1 with another. */
class Http2BesideHttp1Test {
  private static final int REQUESTS = 6;

  @Test
  @Timeout(60)
  void F7_theHttp2ConnectionIsLeftAloneByLimitsThatEndEachHttp1Connection() throws Exception {
    HttpAsyncServer server =
        H2ServerBootstrap.bootstrap()
            .setVersionPolicy(HttpVersionPolicy.NEGOTIATE)
            .setTlsStrategy(new H2ServerTlsStrategy(TestTls.context(), address -> true))
            .register("*", new ClientPort())
            .create();
    server.start();
    int port =
        ((InetSocketAddress)
                server
                    .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .get(10, SECONDS)
                    .getAddress())
            .getPort();
    try (AgentUnderTest agent =
            AgentUnderTest.with(
                Policy.builder("test").maxRequests(1).removeHeader("Connection").build());
        ScriptedUpstream http1 = ScriptedUpstream.start();
        CloseableHttpAsyncClient client = client()) {
      client.start();
      Set<String> http2Ports = new HashSet<>();
      for (int i = 1; i <= REQUESTS; i++) {
        SimpleHttpResponse http2 = get(client, "https://127.0.0.1:" + port + "/");
        assertEquals(HttpVersion.HTTP_2, http2.getVersion());
        http2Ports.add(http2.getBodyText());
        SimpleHttpResponse answer = get(client, "http://127.0.0.1:" + http1.port() + "/");
        assertEquals(String.valueOf(i), answer.getFirstHeader("X-Connection").getValue());
      }
      assertEquals(1, http2Ports.size(), "connections that spoke HTTP/2");
      assertFalse(
          agent.upstreams().stream().anyMatch(upstream -> upstream.port() == port),
          "the agent was told of a connection that speaks HTTP/2");
      assertEquals(List.of(), agent.faults());
    } finally {
      server.close(CloseMode.IMMEDIATE);
    }
  }

  private static CloseableHttpAsyncClient client() {
    return HttpAsyncClientBuilder.create()
        .setVersionPolicy(HttpVersionPolicy.NEGOTIATE)
        .setConnectionManager(
            PoolingAsyncClientConnectionManagerBuilder.create()
                .setTlsStrategy(
                    ClientTlsStrategyBuilder.create().setSslContext(TestTls.context()).build())
                .build())
        .build();
  }

  private static SimpleHttpResponse get(CloseableHttpAsyncClient client, String url)
      throws Exception {
    SimpleHttpRequest request = SimpleHttpRequests.get(url);
    return client.execute(request, null).get(20, SECONDS);
  }

  /** Answers with the port that the client's connection comes from. */
  private static final class ClientPort
      implements AsyncServerRequestHandler<Message<HttpRequest, String>> {
    @Override
    public AsyncRequestConsumer<Message<HttpRequest, String>> prepare(
        HttpRequest request, EntityDetails entity, HttpContext context) {
      return new BasicRequestConsumer<>(entity == null ? null : new StringAsyncEntityConsumer());
    }

    @Override
    public void handle(
        Message<HttpRequest, String> request, ResponseTrigger trigger, HttpContext context)
        throws HttpException, IOException {
      Object peer = HttpCoreContext.adapt(context).getEndpointDetails().getRemoteAddress();
      trigger.submitResponse(
          new BasicResponseProducer(200, String.valueOf(((InetSocketAddress) peer).getPort())),
          context);
    }
  }
}
