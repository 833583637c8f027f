package dev.platter.testkit;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A moment at which a machine might crash: what is durable of every storage, and what is pending.
///
/// @param names the storages
/// @param durable what is certain, a storage each
/// @param changes pending changes of all storages
record CrashPoint(List<String> names, List<SparseBytes> durable, List<Pending> changes) {
  private static final int ALL_SUBSETS = 10;

  /// A change that may be lost.
  ///
  /// @param storage which storage it belongs to
  /// @param sure whether it cannot be lost after all
  record Pending(int storage, Change change, boolean sure) {}

  static CrashPoint of(List<FaultStorage> storages) {
    var names = new ArrayList<String>();
    var durable = new ArrayList<SparseBytes>();
    var changes = new ArrayList<Pending>();
    for (FaultStorage storage : storages) {
      int number = names.size();
      names.add(storage.name());
      durable.add(storage.durable());
      storage.entries().forEach(e -> changes.add(new Pending(number, e.change(), e.sure())));
    }
    return new CrashPoint(names, durable, changes);
  }

  List<FaultStorage> restore(Survival survival, Change.Gap gap) {
    var found = durable.stream().map(SparseBytes::copy).toList();
    for (int at = 0; at < changes.size(); at++) {
      Pending pending = changes.get(at);
      SparseBytes target = found.get(pending.storage);
      Optional<Survival.Torn> torn = survival.torn();
      if (pending.sure || survival.whole().get(at)) {
        pending.change.apply(target, gap);
      } else if (torn.isPresent()
          && torn.get().change() == at
          && pending.change instanceof Change.Write write) {
        write.tear(target, gap, torn.get()::keeps);
      }
    }
    var storages = new ArrayList<FaultStorage>();
    for (int at = 0; at < names.size(); at++) {
      storages.add(new FaultStorage(names.get(at), found.get(at)));
    }
    return storages;
  }

  /// Hands over states after a crash, every one once: all subsets of few changes, otherwise all but
  /// one, only one, prefixes with a torn end, and random ones.
  ///
  /// @param seen hashes of the states that were handed over before
  void states(RandomGenerator dice, int random, Set<Long> seen, Consumer<State> sink) {
    Set<Survival> survivals = survivals(dice, random);
    for (Survival survival : survivals) {
      for (Change.Gap gap : Change.Gap.values()) {
        List<FaultStorage> storages = restore(survival, gap);
        long hash = 0;
        for (FaultStorage storage : storages) {
          hash = hash * 31 + storage.visible().hash();
        }
        if (seen.add(hash)) {
          sink.accept(new State(storages, describe(survival, gap)));
        }
      }
    }
  }

  /// A possible outcome of a crash.
  record State(List<FaultStorage> storages, String how) {}

  private Set<Survival> survivals(RandomGenerator dice, int random) {
    var survivals = new HashSet<Survival>();
    int count = changes.size();
    if (count <= ALL_SUBSETS) {
      for (long bits = 0; bits < 1L << count; bits++) {
        survivals.add(Survival.of(BitSet.valueOf(new long[] {bits})));
      }
    } else {
      extremes(count, survivals);
    }
    for (int torn = 0; torn < count; torn++) {
      var prefix = new BitSet();
      prefix.set(0, torn);
      survivals.add(new Survival(prefix, Survival.tear(this, torn, dice)));
      var others = new BitSet();
      others.set(0, count);
      others.clear(torn);
      survivals.add(new Survival(others, Survival.tear(this, torn, dice)));
    }
    for (int at = 0; at < random && count > 0; at++) {
      survivals.add(Survival.random(this, dice));
    }
    return survivals;
  }

  private static void extremes(int count, Set<Survival> survivals) {
    for (int one = 0; one < count; one++) {
      var only = new BitSet();
      only.set(one);
      survivals.add(Survival.of(only));
      var others = new BitSet();
      others.set(0, count);
      others.clear(one);
      survivals.add(Survival.of(others));
    }
    var all = new BitSet();
    survivals.add(Survival.of(all));
    all.set(0, count);
    survivals.add(Survival.of(all));
  }

  private String describe(Survival survival, Change.Gap gap) {
    var text = new StringBuilder();
    for (int at = 0; at < changes.size(); at++) {
      Pending pending = changes.get(at);
      boolean torn = survival.torn().isPresent() && survival.torn().get().change() == at;
      String fate = pending.sure || survival.whole().get(at) ? "kept" : torn ? "torn" : "lost";
      text.append("  ").append(fate).append(' ').append(names.get(pending.storage)).append(": ");
      text.append(pending.change).append('\n');
    }
    return text.append("  where the file grew without data: ").append(gap).toString();
  }
}
