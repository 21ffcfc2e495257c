package attack_test

import (
	"encoding/base64"
	"encoding/json"
)

// cursor is the cursor of a list, as its own addresses write it.
func cursor(sort, key string) string {
	b, err := json.Marshal(map[string]any{"s": sort, "k": key, "i": 1})
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
