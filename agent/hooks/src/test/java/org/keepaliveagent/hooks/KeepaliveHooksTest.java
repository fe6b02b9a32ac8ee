package org.keepaliveagent.hooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever stands behind the hooks, and if nothing does, the library goes on. */
class KeepaliveHooksTest {
  private final List<String> contained = new ArrayList<>();

  @AfterEach
  void takeTheEngineAway() {
    KeepaliveHooks.leased();
    KeepaliveHooks.reading(null);
    KeepaliveHooks.engine(null);
    KeepaliveOnce.except(false, false);
  }

  @Test
  void withoutAnEngineEveryAnswerIsThatOfAnAbsentAgent() throws Exception {
    assertEquals(List.of(), wrongAnswers());
  }

  @Test
  void anEngineThatThrowsAnswersAsAnAbsentAgent() throws Exception {
    for (Throwable fault :
        List.of(new IllegalStateException("x"), new StackOverflowError(), new OutOfMemoryError())) {
      contained.clear();
      KeepaliveHooks.engine(throwing(fault, false));
      assertEquals(List.of(), wrongAnswers());
      assertTrue(contained.size() >= 10, contained.toString());
    }
  }

  @Test
  void anEngineWhoseFaultHandlingThrowsIsTakenAway() {
    KeepaliveHooks.engine(throwing(new IllegalStateException("x"), true));
    assertTrue(KeepaliveHooks.mayLease(new Object(), "GET"));
    assertNull(KeepaliveHooks.engine());
  }

  @ParameterizedTest
  @CsvSource({
    "POST, false, false, false, false",
    "PATCH, true, false, false, false",
    "LOCK, false, false, false, false",
    "POST, true, false, true, true",
    "POST, false, true, false, true",
    "GET, false, false, false, true",
    "DELETE, false, false, false, true",
  })
  void aYesOfTheEngineAloneSendsNothingTwiceThatMustNot(
      String method, boolean keyed, boolean exceptAll, boolean exceptKeyed, boolean again) {
    KeepaliveHooks.engine(answering(true));
    KeepaliveOnce.except(exceptAll, exceptKeyed);
    Object exchange = new Object();
    KeepaliveHooks.sending(new Object(), exchange, method, null, keyed);
    assertEquals(again, KeepaliveHooks.mayRetry(exchange, true, false));
    assertEquals(again, KeepaliveHooks.mayRetryAnswered(new Object(), exchange, true));
    assertEquals(again, KeepaliveHooks.mayRepeat("http", "a", 80, method, keyed, 503, 1, false));
    assertTrue(KeepaliveHooks.mayRetry(exchange, true, true), "as without the agent");
  }

  @Test
  void anExchangeThatIsUsedAgainIsJudgedByItsLastRequest() {
    KeepaliveHooks.engine(answering(true));
    Object exchange = new Object();
    KeepaliveHooks.sending(new Object(), exchange, "POST", null, false);
    KeepaliveHooks.sending(new Object(), exchange, "GET", null, false);
    assertTrue(KeepaliveHooks.mayRetry(exchange, true, false));
    KeepaliveHooks.sending(new Object(), exchange, "POST", null, false);
    assertFalse(KeepaliveHooks.mayRetry(exchange, true, false));
  }

  @Test
  void aLimitOfNoConnectionsIsNone() {
    int[] limit = {0};
    KeepaliveHooks.engine(
        (KeepaliveEngine)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {KeepaliveEngine.class},
                (proxy, method, arguments) -> limit[0]));
    assertEquals(5, KeepaliveHooks.maxConnections("http", "a", 80, 5));
    limit[0] = 1;
    assertEquals(1, KeepaliveHooks.maxConnections("http", "a", 80, 5));
  }

  @Test
  void aSearchForAFreshConnectionIsOfItsThreadAlone() throws InterruptedException {
    KeepaliveHooks.engine(answering(false));
    assertTrue(KeepaliveHooks.mayReuse());
    KeepaliveHooks.leasing(new Object());
    KeepaliveHooks.leasing(new Object());
    assertFalse(KeepaliveHooks.mayReuse());
    boolean[] elsewhere = new boolean[1];
    Thread other = new Thread(() -> elsewhere[0] = KeepaliveHooks.mayReuse());
    other.start();
    other.join();
    assertTrue(elsewhere[0]);
    KeepaliveHooks.leased();
    KeepaliveHooks.leased();
    assertTrue(KeepaliveHooks.mayReuse());
  }

  @Test
  void theMethodOfASearchIsOfItsThreadAndEndsWithIt() {
    List<String> methods = new ArrayList<>();
    KeepaliveHooks.engine(
        (KeepaliveEngine)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {KeepaliveEngine.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("mayLease")) {
                    methods.add((String) arguments[1]);
                  }
                  return method.getReturnType() == boolean.class ? true : null;
                }));
    KeepaliveHooks.leasing(new Object(), "PUT");
    KeepaliveHooks.mayLease(new Object());
    KeepaliveHooks.leased();
    KeepaliveHooks.mayLease(new Object());
    assertEquals(Arrays.asList("PUT", null), methods);
  }

  @Test
  void thePoolOfASearchIsOfItsThreadAndEndsWithIt() {
    Object pool = new Object();
    KeepaliveHooks.leasing(new Object(), "GET", pool);
    assertNull(KeepaliveHooks.searched());
    KeepaliveHooks.engine(answering(true));
    KeepaliveHooks.leasing(new Object(), "GET", pool);
    assertEquals(pool, KeepaliveHooks.searched());
    KeepaliveHooks.leased();
    assertNull(KeepaliveHooks.searched());
  }

  @Test
  void whatAThreadReadsFromIsForgottenWithTheEngineToo() {
    Object connection = new Object();
    KeepaliveHooks.reading(connection);
    assertNull(KeepaliveHooks.read());
    KeepaliveHooks.engine(answering(true));
    KeepaliveHooks.reading(connection);
    assertEquals(connection, KeepaliveHooks.read());
    KeepaliveHooks.engine(null);
    KeepaliveHooks.reading(connection);
    assertNull(KeepaliveHooks.read());
  }

  @Test
  void theFilterNarrowsAndIsLeftOutWhereItWouldNot() {
    BiPredicate<String, String> inner = (name, value) -> !name.equals("b");
    KeepaliveHooks.engine(answering(true));
    assertEquals(inner, KeepaliveHeaderFilter.of(new Object(), null, inner));
    KeepaliveHooks.engine(answering(false));
    @SuppressWarnings("unchecked")
    BiPredicate<Object, Object> narrowed =
        (BiPredicate<Object, Object>) KeepaliveHeaderFilter.of(new Object(), null, inner);
    assertFalse(narrowed.test("a", "1"));
  }

  /** Calls every hook with plausible arguments; the names of those that answered wrong. */
  private static List<String> wrongAnswers() throws Exception {
    List<String> wrong = new ArrayList<>();
    int asked = 0;
    for (Method hook : KeepaliveHooks.class.getMethods()) {
      if (!Modifier.isStatic(hook.getModifiers()) || hook.getName().equals("engine")) {
        continue;
      }
      for (boolean otherwise : new boolean[] {true, false}) {
        asked++;
        Object answer = hook.invoke(null, arguments(hook, otherwise));
        Object expected =
            hook.getReturnType() == int.class
                ? 80
                : !hook.getName().matches("mustSendHttp11|mayRead|mayReturn|mayRetry[UA].*")
                    && (otherwise || !hook.getName().matches("mayRetry|mayRepeat|mayChoose"));
        if (answer != null
            && !hook.getName().matches("searched|read|b3")
            && !answer.equals(expected)) {
          wrong.add(hook.getName());
        }
      }
    }
    assertTrue(asked >= 38, "only " + asked + " calls were made");
    return wrong;
  }

  private static Object[] arguments(Method hook, boolean flag) {
    Object[] arguments = new Object[hook.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      Class<?> type = hook.getParameterTypes()[i];
      arguments[i] =
          type == boolean.class
              ? flag
              : type == int.class
                  ? 80
                  : type == long.class
                      ? 80L
                      : type == String.class
                          ? "x"
                          : type == Throwable.class
                              ? new Exception()
                              : type == SSLSession.class ? null : new Object();
    }
    return arguments;
  }

  private KeepaliveEngine throwing(Throwable fault, boolean everywhere) {
    return (KeepaliveEngine)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {KeepaliveEngine.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("contained") && !everywhere) {
                contained.add((String) arguments[0]);
                return null;
              }
              throw fault;
            });
  }

  private KeepaliveEngine answering(boolean answer) {
    return (KeepaliveEngine)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {KeepaliveEngine.class},
            (proxy, method, arguments) -> method.getReturnType() == boolean.class ? answer : null);
  }
}
