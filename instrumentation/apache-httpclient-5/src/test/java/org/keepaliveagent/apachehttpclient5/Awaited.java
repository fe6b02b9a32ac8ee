package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Consumes a response and tells when the client is done with the exchange: the client completes its
 * future first and gives the connection back to the pool after that.
 */
final class Awaited implements AsyncResponseConsumer<SimpleHttpResponse> {
  private final AsyncResponseConsumer<SimpleHttpResponse> response =
      SimpleResponseConsumer.create();
  private final CountDownLatch done = new CountDownLatch(1);

  boolean await(long seconds) throws InterruptedException {
    return done.await(seconds, TimeUnit.SECONDS);
  }

  @Override
  public void consumeResponse(
      HttpResponse head,
      EntityDetails entity,
      HttpContext context,
      FutureCallback<SimpleHttpResponse> callback)
      throws HttpException, IOException {
    response.consumeResponse(head, entity, context, callback);
  }

  @Override
  public void informationResponse(HttpResponse head, HttpContext context)
      throws HttpException, IOException {
    response.informationResponse(head, context);
  }

  @Override
  public void failed(Exception cause) {
    response.failed(cause);
  }

  @Override
  public void updateCapacity(CapacityChannel channel) throws IOException {
    response.updateCapacity(channel);
  }

  @Override
  public void consume(ByteBuffer bytes) throws IOException {
    response.consume(bytes);
  }

  @Override
  public void streamEnd(List<? extends Header> trailers) throws HttpException, IOException {
    response.streamEnd(trailers);
  }

  @Override
  public void releaseResources() {
    response.releaseResources();
    done.countDown();
  }
}
