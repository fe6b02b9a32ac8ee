/** The adapters of Apache HttpClient 4. */
package org.keepaliveagent.apachehttpclient4;
