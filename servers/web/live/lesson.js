/** The lesson of twenty minutes: its phases, from which minute to which, and what to say in each. The plan has the same. */

export const LESSON = [
  {
    phase: "vote", from: 0, to: 3, name: "Vote", title: "Who hears first?",
    say: "Somebody says a word. How does your phone find out? Join, and vote: which of the four hears it first?",
  },
  {
    phase: "poll", from: 3, to: 7, name: "Poll at 5 s", title: "Are we there yet?",
    say: "Every phone now asks every five seconds: anything new? Send a word. How long until you see it yourself?",
  },
  {
    phase: "long", from: 7, to: 10, name: "Long polling", title: "Hold the line",
    say: "Now the server keeps the question until there is news. It is still polling. Why is it so quick?",
  },
  {
    phase: "push", from: 10, to: 14, name: "SSE and WebSocket", title: "Is anything faster still?",
    say: "Half of you have SSE, half WebSocket. Who is quicker? Nobody sees it. So look at requests and bytes.",
  },
  {
    phase: "distance", from: 14, to: 18, name: "150 ms away", title: "Now the server is far away",
    say: "There and back takes 150 ms, for everybody, and all four are here. All send, quickly: who falls behind?",
  },
  {
    phase: "ticket", from: 18, to: 20, name: "Exit ticket", title: "Before you go",
    say: "The exit ticket is on your phone. When it is handed in, you are done.",
  },
];

export const OVER = { title: "The class is over", say: "Thank you. The phones are free." };
