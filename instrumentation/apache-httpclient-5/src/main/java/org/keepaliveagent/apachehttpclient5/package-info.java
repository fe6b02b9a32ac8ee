/** The adapter of Apache HttpClient 5. */
package org.keepaliveagent.apachehttpclient5;
