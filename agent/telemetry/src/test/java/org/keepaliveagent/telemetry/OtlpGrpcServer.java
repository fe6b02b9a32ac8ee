package org.keepaliveagent.telemetry;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The gRPC door of an {@link OtlpReceiver}. */
final class OtlpGrpcServer extends TraceServiceGrpc.TraceServiceImplBase {
  private final Consumer<ExportTraceServiceRequest> keep;
  private final Server server;

  OtlpGrpcServer(Consumer<ExportTraceServiceRequest> keep) throws IOException {
    this.keep = keep;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(this)
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void export(
      ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> answer) {
    keep.accept(request);
    answer.onNext(ExportTraceServiceResponse.getDefaultInstance());
    answer.onCompleted();
  }

  void close() {
    try {
      server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
