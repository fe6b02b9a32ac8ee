/** The adapter of the Jetty client 12. */
package org.keepaliveagent.jettyclient12;
