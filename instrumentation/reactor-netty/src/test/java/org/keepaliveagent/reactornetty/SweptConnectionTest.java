package org.keepaliveagent.reactornetty;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AttributeKey;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.LibraryVersion;

/**
 * The pool asks a connection on any thread whether it is persistent, and stands still for ever
 * where the attribute is there and has no value yet.
 */
class SweptConnectionTest {
  @ParameterizedTest
  @ValueSource(strings = {"1.0.7", "1.3.8"})
  void aParkedOneIsNotPersistentAnyMoreWhenItIsClosed(String version) throws Throwable {
    ((Executable) LibraryVersion.of(version).instance(Parked.class)).execute();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0.7", "1.3.8"})
  void anAttributeThatIsNotThereIsNotMade(String version) throws Throwable {
    ((Executable) LibraryVersion.of(version).instance(Bare.class)).execute();
  }

  /** Sees the library, which the test itself does not. */
  public static final class Parked implements Executable {
    @Override
    public void execute() throws Throwable {
      AttributeKey<Boolean> persistent = AttributeKey.valueOf("$PERSISTENT_CHANNEL");
      EmbeddedChannel channel = new EmbeddedChannel();
      channel.attr(persistent).set(true);
      new ReactorNettyAdapter().close(channel);
      assertFalse(channel.attr(persistent).get());
      assertFalse(channel.isOpen());
    }
  }

  /** As {@link Parked}, of a connection that has not been parked. */
  public static final class Bare implements Executable {
    @Override
    public void execute() throws Throwable {
      EmbeddedChannel channel = new EmbeddedChannel();
      new ReactorNettyAdapter().close(channel);
      assertFalse(channel.hasAttr(AttributeKey.<Boolean>valueOf("$PERSISTENT_CHANNEL")));
      assertFalse(channel.isOpen());
    }
  }
}
