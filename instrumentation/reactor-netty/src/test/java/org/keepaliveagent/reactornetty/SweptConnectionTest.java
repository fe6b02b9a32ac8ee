package org.keepaliveagent.reactornetty;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AttributeKey;
import org.junit.jupiter.api.Test;

/**
 * The pool asks a connection on any thread whether it is persistent, and stands still for ever
 * where the attribute is there and has no value yet.
 */
class SweptConnectionTest {
  private static final AttributeKey<Boolean> PERSISTENT =
      AttributeKey.valueOf("$PERSISTENT_CHANNEL");

  private final EmbeddedChannel channel = new EmbeddedChannel();

  @Test
  void aParkedOneIsNotPersistentAnyMoreWhenItIsClosed() throws Throwable {
    channel.attr(PERSISTENT).set(true);
    new ReactorNettyAdapter().close(channel);
    assertFalse(channel.attr(PERSISTENT).get());
    assertFalse(channel.isOpen());
  }

  @Test
  void anAttributeThatIsNotThereIsNotMade() throws Throwable {
    new ReactorNettyAdapter().close(channel);
    assertFalse(channel.hasAttr(PERSISTENT));
    assertFalse(channel.isOpen());
  }
}
