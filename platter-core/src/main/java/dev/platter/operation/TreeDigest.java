package dev.platter.operation;

import dev.platter.Zeros;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;

/// Combines digests of leaves into one: neighbours in pairs, the last one alone where their number
/// is odd, level by level. Keeps one digest a level.
final class TreeDigest {
  private final MessageDigest digest;
  private final int leaf;
  private final Deque<Node> open = new ArrayDeque<>();
  private byte[] zeroLeaf = new byte[0];

  /// @param height how many levels of pairs are below
  private record Node(ByteBuffer digest, int height) {}

  /// @param digest what combines
  /// @param leaf bytes of a leaf, a megabyte at most
  TreeDigest(MessageDigest digest, int leaf) {
    this.digest = digest;
    this.leaf = leaf;
  }

  /// Adds the digest of the next leaf.
  void leaf(byte[] bytes) {
    Node node = new Node(ByteBuffer.wrap(bytes), 0);
    while (!open.isEmpty() && open.peek().height() == node.height()) {
      node = new Node(ByteBuffer.wrap(pair(open.pop().digest(), node.digest())), node.height() + 1);
    }
    open.push(node);
  }

  /// Adds leaves of zeros; the last one may be shorter.
  void zeros(long length) {
    for (long rest = length; rest > 0; rest -= leaf) {
      if (rest < leaf) {
        leaf(zeroDigest((int) rest));
        return;
      }
      if (zeroLeaf.length == 0) {
        zeroLeaf = zeroDigest(leaf);
      }
      leaf(zeroLeaf);
    }
  }

  private byte[] zeroDigest(int length) {
    digest.update(Zeros.segment().asSlice(0, length).asByteBuffer());
    return digest.digest();
  }

  private byte[] pair(ByteBuffer left, ByteBuffer right) {
    digest.update(left.duplicate());
    digest.update(right.duplicate());
    return digest.digest();
  }

  /// The digest of all; that of nothing if there was no leaf.
  byte[] root() {
    if (open.isEmpty()) {
      return digest.digest();
    }
    ByteBuffer root = open.pop().digest();
    while (!open.isEmpty()) {
      root = ByteBuffer.wrap(pair(open.pop().digest(), root));
    }
    return root.array();
  }
}
