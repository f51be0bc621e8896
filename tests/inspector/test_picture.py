from tests.inspector.picture import PICTURE, SIGNATURE, digest, stamped, taken_of


def test_the_picture_was_taken_of_the_page_as_it_is() -> None:
    assert taken_of(PICTURE.read_bytes()) == digest(), "take it again: scripts/shoot"


def test_a_picture_that_is_stamped_stays_a_picture() -> None:
    png = PICTURE.read_bytes()
    assert png.startswith(SIGNATURE)
    assert taken_of(stamped(png)) == digest()
