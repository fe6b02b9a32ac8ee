package org.keepaliveagent.ittests;

class ProxiesPageTest {}
