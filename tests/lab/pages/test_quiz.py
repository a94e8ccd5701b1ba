"""A quiz is choices that unfold, each with its reason; one that cannot be understood stops the build."""

import re

import pytest

from lab.pages.refusal import BadPage

CHOICES = """- [ ] It is *lost*.
    Nothing is ever
    removed from a log.
- [x] It waits in
  the log.

    The next `GET` brings it."""


def quiz(choices=CHOICES, options="    objective: 2\n", id="gap", question="What becomes of it?\n\n"):
    return f"Before.\n\n/// quiz | {id}\n{options}\n{question}{choices}\n///\n\nAfter."


def test_each_choice_unfolds_to_its_reason(convert):
    page = convert(quiz())
    assert re.sub(r"\s*\n\s*", " ", page) == (
        '<p>Before.</p> <div aria-labelledby="quiz-gap-question" class="quiz" id="quiz-gap" role="group"> '
        '<div class="question" id="quiz-gap-question"> <p>What becomes of it?</p> </div> <ul class="choices"> '
        '<li> <details class="wrong"> <summary>It is <em>lost</em>.</summary> '
        "<p><strong>Not so.</strong> Nothing is ever removed from a log.</p> </details> </li> "
        '<li> <details class="right"> <summary>It waits in the log.</summary> '
        "<p><strong>Right.</strong> The next <code>GET</code> brings it.</p> </details> </li> </ul> </div> "
        "<p>After.</p>"
    )


def test_a_list_with_empty_lines_between_is_the_same(convert):
    assert convert(quiz(CHOICES.replace("\n- [x]", "\n\n- [x]"))) == convert(quiz())


def test_a_reason_may_have_more_than_one_paragraph(convert):
    page = convert(quiz(f"{CHOICES}\n\n    And the one after that."))
    assert page.count("brings it.</p>\n<p>And the one after that.</p>\n</details>") == 1


def test_where_several_are_right_it_says_so(convert):
    several = CHOICES + "\n\n- [x] It is kept.\n    It is."
    page = convert(quiz(several, "    misconception: 1\n    several: true\n"))
    assert page.count('<details class="right">') == 2
    assert page.index("Several are right.") < page.index("<ul")


def test_two_quizzes_on_a_page_are_two(convert):
    page = convert(f"{quiz()}\n\n{quiz(id='gap-2')}")
    assert re.findall(r'class="quiz" id="([^"]*)"', page) == ["quiz-gap", "quiz-gap-2"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (quiz(id=""), "/// quiz | : its id is to be small letters"),
        (quiz(id="Two words"), "/// quiz | Two words: its id is to be small letters"),
        (quiz(options=""), "/// quiz | gap: it says no `objective:` or `misconception:`"),
        (quiz(options="    objective: first\n"), "it says no `objective:` or `misconception:` by its number"),
        (quiz(options="    objective: 0\n"), "it says no `objective:` or `misconception:` by its number"),
        (quiz(options="    objektive: 2\n"), "'/// quiz | gap' begins or ends no block"),
        (quiz(options="    objective: 2\n    several: some\n"), "`several:` is true or false"),
        (quiz(options="    objective: 2\n    several: true\n"), "1 of its choices are right"),
        (quiz(CHOICES.replace("[ ]", "[x]") + "\n\n- [ ] No.\n    No.\n"), "2 of its choices are right"),
        (quiz(CHOICES.replace("[x]", "[ ]")), "it needs a choice that is right and one that is wrong"),
        (quiz(CHOICES.replace("[ ]", "[x]")), "it needs a choice that is right and one that is wrong"),
        (quiz(CHOICES + "\n\n- [ ] Who knows?"), "the choice 'Who knows?' is not explained"),
        (quiz(CHOICES + "\n\n- Who knows?\n    Nobody."), "is no choice: it begins with [ ]"),
        (quiz(CHOICES + "\n- [ ] No.\n    It is not."), "before '- [ ] No.' an empty line is missing"),
        (quiz(CHOICES + "\n\n- \n- [ ] No.\n    It is not."), "'' is no choice: it begins with [ ]"),
        (quiz(""), "it ends with no list of choices"),
        (quiz(question="What becomes of it?\n"), "it ends with no list of choices, after an empty line"),
        (quiz(question=""), "/// quiz | gap: it asks nothing"),
        (quiz().replace("\n///\n\nAfter", "\n\nAfter"), "/// quiz | gap is not closed by a line of ///."),
        (quiz().replace("/// quiz", "/// quizz"), "'/// quizz | gap' begins or ends no block"),
        (quiz() + "\n\n///", "'///' begins or ends no block"),
    ],
)
def test_a_quiz_that_cannot_be_understood_stops_the_build_with_a_sentence(convert, text, why):
    with pytest.raises(BadPage) as refused:
        convert(text)
    assert why in str(refused.value) and "\n" not in str(refused.value)
