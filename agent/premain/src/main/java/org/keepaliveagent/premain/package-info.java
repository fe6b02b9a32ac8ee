/** The one package that the application's class path sees. */
package org.keepaliveagent.premain;
