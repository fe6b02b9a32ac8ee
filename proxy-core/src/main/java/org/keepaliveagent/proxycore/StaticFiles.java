package org.keepaliveagent.proxycore;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The files of a {@code root}: {@code ngx_http_static_module}, {@code ngx_http_index_module}.
 *
 * <p>Looks files up on the event loop, as nginx does. Symbolic links are followed (nginx: {@code
 * disable_symlinks off}).
 */
final class StaticFiles {
  /** What the file system says when a part of the path is no directory, or is too long. */
  private static final Map<String, Integer> REASONS =
      Map.of("Not a directory", 404, "File name too long", 404);

  private final Dispatch dispatch;
  private final Action.Files files;
  private final ClientRequest request;

  private StaticFiles(Dispatch dispatch, Action.Files files, ClientRequest request) {
    this.dispatch = dispatch;
    this.files = files;
    this.request = request;
  }

  static void serve(Dispatch dispatch, Action.Files files, ClientRequest request) {
    new StaticFiles(dispatch, files, request).serve();
  }

  private void serve() {
    String path = request.target().path();
    try {
      if (!request.method().matches("GET|HEAD|POST")) {
        dispatch.error(405);
      } else if (path.endsWith("/")) {
        index(path);
      } else {
        file(path);
      }
    } catch (InvalidPathException e) {
      dispatch.error(404);
    } catch (IOException e) {
      dispatch.error(status(e));
    }
  }

  private static int status(IOException e) {
    if (e instanceof NoSuchFileException) {
      return 404;
    }
    if (e instanceof AccessDeniedException) {
      return 403;
    }
    String reason = e instanceof FileSystemException failed ? failed.getReason() : null;
    return reason == null ? 500 : REASONS.getOrDefault(reason, 500);
  }

  private void index(String path) throws IOException {
    for (String name : files.index()) {
      if (name.startsWith("/")) {
        dispatch.redirect(name, request.target().args());
        return;
      }
      Path file = path(path + name);
      if (file != null && Files.exists(file)) {
        dispatch.redirect(path + name, request.target().args());
        return;
      }
    }
    Path directory = path(path);
    // Throws when there is none, or none that may be looked into.
    boolean there = directory != null && attributes(directory).isDirectory();
    dispatch.error(there ? 403 : 404);
  }

  private void file(String path) throws IOException {
    Path file = path(path);
    BasicFileAttributes attributes = file == null ? null : attributes(file);
    if (file == null || attributes == null) {
      dispatch.error(404);
    } else if (attributes.isDirectory()) {
      dispatch.moved(RequestTarget.encode(path) + "/" + request.target().question());
    } else if (!attributes.isRegularFile()) {
      dispatch.error(404);
    } else if (request.method().equals("POST")) {
      dispatch.error(405);
    } else {
      send(file, attributes);
    }
  }

  private void send(Path file, BasicFileAttributes attributes) throws IOException {
    long size = attributes.size();
    long modified = attributes.lastModifiedTime().to(TimeUnit.SECONDS);
    Conditions conditions = new Conditions("\"%x-%x\"".formatted(modified, size), modified);
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.ETAG, conditions.etag());
    // The page of an error is whole, whatever its request asks for.
    boolean plain = dispatch.statusOf(200) == 200;
    if (plain) {
      headers.set(HttpHeaderNames.LAST_MODIFIED, HttpDate.text(modified));
    }
    if (plain && conditions.failed(request)) {
      dispatch.error(412);
    } else if (plain && conditions.unmodified(request)) {
      dispatch.answer(new LocalResponse(304, headers, Unpooled.EMPTY_BUFFER, null));
    } else {
      headers.set(HttpHeaderNames.CONTENT_TYPE, dispatch.settings().types().of(file.toString()));
      ByteRange range = plain ? range(conditions, headers, size) : null;
      if (range != null && range.isUnsatisfiable()) {
        dispatch.error(416, HttpHeaderNames.CONTENT_RANGE, "bytes */" + size);
      } else {
        send(file, headers, range == null ? new ByteRange(0, size) : range);
      }
    }
  }

  private @Nullable ByteRange range(Conditions conditions, HttpHeaders headers, long size) {
    String header = request.headerText("range");
    ByteRange range =
        header.isEmpty() || !conditions.allowsRange(request) ? null : ByteRange.read(header, size);
    if (range == null) {
      headers.set(HttpHeaderNames.ACCEPT_RANGES, "bytes");
    } else {
      headers.set(
          HttpHeaderNames.CONTENT_RANGE,
          "bytes %d-%d/%d".formatted(range.start(), range.end() - 1, size));
    }
    return range;
  }

  private void send(Path file, HttpHeaders headers, ByteRange part) throws IOException {
    boolean whole = !headers.contains(HttpHeaderNames.CONTENT_RANGE);
    headers.set(HttpHeaderNames.CONTENT_LENGTH, part.end() - part.start());
    FileBody body = FileBody.open(file, part.start(), part.end());
    dispatch.answer(new LocalResponse(whole ? 200 : 206, headers, Unpooled.EMPTY_BUFFER, body));
  }

  /** The file of a path, null when that leads out of the root: a variable may have made it. */
  private @Nullable Path path(String path) {
    if (path.contains("/../") || path.endsWith("/..")) {
      return null;
    }
    // A path is bytes; names of files are UTF-8.
    byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1);
    return Path.of(files.root() + new String(bytes, StandardCharsets.UTF_8));
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }
}
