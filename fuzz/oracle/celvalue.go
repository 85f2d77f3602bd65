package main

import (
	"encoding/base64"
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/blang/semver/v4"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	apiservercel "k8s.io/apiserver/pkg/cel"
)

// celValue is a CEL value as the protocol writes it: see README.md.
type celValue struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
}

func encodeValue(val ref.Val) celValue {
	return celValue{val.Type().TypeName(), plainValue(val)}
}

func plainValue(val ref.Val) any {
	switch v := val.(type) {
	case types.Null:
		return nil
	case types.Bool:
		return bool(v)
	case types.Int:
		return strconv.FormatInt(int64(v), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10)
	case types.Double:
		return plainDouble(float64(v))
	case types.String:
		return string(v)
	case types.Bytes:
		return base64.StdEncoding.EncodeToString(v)
	case types.Timestamp, types.Duration:
		return val.ConvertToType(types.StringType).Value()
	case *types.Optional:
		if !v.HasValue() {
			return nil
		}
		return encodeValue(v.GetValue())
	case *types.Type:
		return v.TypeName()
	case *types.Err:
		return v.Error()
	case traits.Lister:
		return plainList(v)
	case traits.Mapper:
		return plainMap(v)
	case apiservercel.Format:
		return v.Name
	case apiservercel.Semver:
		return semver.Version(v.Version).String()
	}
	if s, ok := val.(fmt.Stringer); ok {
		return s.String()
	}
	if s, ok := val.Value().(fmt.Stringer); ok {
		return s.String()
	}
	return nil
}

func plainDouble(v float64) any {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return v
}

func plainList(list traits.Lister) []celValue {
	items := []celValue{}
	for it := list.Iterator(); it.HasNext() == types.True; {
		items = append(items, encodeValue(it.Next()))
	}
	return items
}

// plainMap gives [key, value] pairs, sorted by the key's type, then its text.
func plainMap(m traits.Mapper) [][2]celValue {
	pairs := [][2]celValue{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		pairs = append(pairs, [2]celValue{encodeValue(key), encodeValue(m.Get(key))})
	}
	sort.SliceStable(pairs, func(i, j int) bool {
		a, b := pairs[i][0], pairs[j][0]
		if a.Type != b.Type {
			return a.Type < b.Type
		}
		return fmt.Sprint(a.Value) < fmt.Sprint(b.Value)
	})
	return pairs
}
