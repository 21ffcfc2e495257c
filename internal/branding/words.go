package branding

// Words say what became of a business's colour, for the one who chose it:
// where it is used as it is, and where another shade stands in for it because
// it could not be read. The first sentence sums up; Easy is set when nothing
// had to be changed.
func (p Palette) Words(colour string) (words []string, easy bool) {
	c, err := parse(colour)
	if err != nil {
		return nil, false
	}
	chosen := c.hex()
	if p.Light.Brand != chosen {
		words = append(words, "On light pages buttons are a darker shade, "+p.Light.Brand+", because yours would hardly be seen on white.")
	}
	if p.Light.On != white.hex() {
		words = append(words, "Words on buttons are dark, because white could not be read on this colour.")
	}
	if p.Light.Ink != chosen && p.Light.Ink != p.Light.Brand {
		words = append(words, "Links are a darker shade, "+p.Light.Ink+", so that they can be read on white.")
	}
	easy = len(words) == 0
	if p.Dark.Brand != chosen {
		words = append(words, "In dark mode buttons are a lighter shade, "+p.Dark.Brand+".")
	}
	if p.Dark.Ink != chosen && p.Dark.Ink != p.Dark.Brand {
		words = append(words, "In dark mode links are a lighter shade, "+p.Dark.Ink+".")
	}
	if easy {
		return append([]string{"This colour works as it is: white words on it and links in it are easy to read."}, words...), true
	}
	return append([]string{"This colour is hard to read in places, so the portal helps itself:"}, words...), false
}
