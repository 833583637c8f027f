/// On-disk structures as records: declared once, decoded, encoded and shown from that.
package dev.platter.struct;
