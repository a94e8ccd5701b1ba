"""What happened, as lines and as a picture."""

from xml.etree import ElementTree

from lab.grader.story import BEFORE, SERVER, Story, drawn, in_lines


def told():
    story = Story()
    story.tell("Ada", 'POST {"text": "<hello> & all"}', SERVER)
    story.tell(SERVER, "201", "Ada")
    story.tell("line", "is cut")
    return story.until_now()


def test_a_line_says_when_who_and_what():
    lines = in_lines(told())
    assert [head.split("s  ")[1] + text for head, text in lines] == [
        'Ada      > POST {"text": "<hello> & all"}',
        "Ada      < 201",
        "line       is cut",
    ]


def test_only_the_last_steps_are_shown():
    story = Story()
    for n in range(30):
        story.tell("Ada", str(n))
    assert [step.text for step in story.until_now()] == [str(n) for n in range(30 - BEFORE, 30)]


def test_a_picture_is_whole_and_escaped():
    texts = [
        node.text
        for node in ElementTree.fromstring(drawn(told(), "A <title>")).iter()
        if node.text and node.text.strip()
    ]
    assert "A <title>" in texts and 'POST {"text": "<hello> & all"}' in texts
    assert texts.index(SERVER) > texts.index("Ada")
