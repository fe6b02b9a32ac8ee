package org.keepaliveagent.proxies;

import io.netty.handler.codec.http.HttpHeaders;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Reactor Netty's server in front of its client, and nothing between them; {@code PORT}. */
public final class ReactorNettyGateway {
  private final HttpClient upstream;

  private ReactorNettyGateway(HttpClient upstream) {
    this.upstream = upstream;
  }

  /** Starts it, and says where it listens. */
  public static void main(String[] arguments) {
    ReactorNettyGateway gateway =
        new ReactorNettyGateway(HttpClient.create().baseUrl("http://127.0.0.1:" + arguments[0]));
    DisposableServer server =
        HttpServer.create().host("127.0.0.1").port(0).handle(gateway::relay).bindNow();
    System.out.println("proxy ready on 127.0.0.1:" + server.port());
    server.onDispose().block();
  }

  private Publisher<Void> relay(HttpServerRequest request, HttpServerResponse response) {
    return upstream
        .headers(headers -> endToEnd(headers.set(request.requestHeaders())).remove("Host"))
        .request(request.method())
        .uri(request.uri())
        .send(request.receive().retain())
        .response((answer, body) -> answer(response, answer, body))
        .onErrorResume(failed -> response.hasSentHeaders() ? Mono.error(failed) : refuse(response));
  }

  private static Publisher<Void> answer(
      HttpServerResponse response, HttpClientResponse answer, ByteBufFlux body) {
    response.status(answer.status()).headers(endToEnd(answer.responseHeaders().copy()));
    return response.send(body.retain());
  }

  private static Mono<Void> refuse(HttpServerResponse response) {
    return response.status(502).send().then();
  }

  private static HttpHeaders endToEnd(HttpHeaders headers) {
    return headers.remove("Connection");
  }
}
