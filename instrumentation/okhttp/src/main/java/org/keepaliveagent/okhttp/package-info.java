/** The adapter of OkHttp. */
package org.keepaliveagent.okhttp;
