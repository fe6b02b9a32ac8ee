package org.keepaliveagent.proxies;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Spring Cloud Gateway with one route; its upstream is the property {@code upstream}. */
@SpringBootApplication
public class SpringCloudGateway {
  /** Starts it, and says where it listens. */
  public static void main(String[] arguments) {
    ConfigurableApplicationContext context =
        SpringApplication.run(SpringCloudGateway.class, arguments);
    System.out.println(
        "proxy ready on 127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"));
  }
}
