/** The demo, and what the black-box tests share with it: child JVMs, upstreams and load. */
package org.keepaliveagent.ittests;
