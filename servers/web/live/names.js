/** Made-up names, so that nobody need give their own. The stage reads the same lists, and shows no other names unless it
 *  was told to. */

const HOW = [
  "amber", "brave", "bright", "brisk", "calm", "cheerful", "clever", "cosy", "curious", "daring", "eager", "early", "fair",
  "fleet", "fond", "gentle", "glad", "golden", "happy", "honest", "jolly", "keen", "kind", "lively", "loyal", "lucky",
  "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "patient", "plucky", "polite", "proud", "quick", "quiet",
  "ready", "rosy", "serene", "sharp", "shiny", "silver", "sincere", "sleepy", "snug", "steady", "sunny", "swift", "tidy",
  "trusty", "velvet", "warm", "wise", "witty", "zesty",
];
const WHO = [
  "badger", "beaver", "bison", "bittern", "bumblebee", "camel", "chamois", "chough", "cormorant", "cricket", "curlew",
  "dolphin", "dormouse", "egret", "falcon", "ferret", "finch", "firefly", "gannet", "gecko", "hare", "hedgehog", "heron",
  "hoopoe", "ibex", "ibis", "jackdaw", "kestrel", "kingfisher", "kiwi", "lapwing", "lark", "lemur", "linnet", "lynx",
  "magpie", "marmot", "marten", "moose", "newt", "nuthatch", "osprey", "otter", "panda", "pelican", "penguin", "plover",
  "puffin", "quail", "raven", "redstart", "robin", "salmon", "seal", "sparrow", "squirrel", "starling", "stork", "swallow",
  "tapir", "tern", "tortoise", "trout", "turtle", "walrus", "wombat", "wren", "zebra",
];

const one = (words) => words[Math.floor(Math.random() * words.length)];

/** Such as `quiet otter`. */
export function madeUp() {
  return `${one(HOW)} ${one(WHO)}`;
}
