package org.keepaliveagent.javahttpclient;

import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.ScriptedUpstream;

class JavaHttpClientConformanceTest extends ConformanceRules {
  @Override
  protected ClientDriver newClient(ScriptedUpstream upstream) {
    return new JavaHttpClientDriver(upstream.port());
  }
}
