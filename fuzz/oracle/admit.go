package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage/names"
)

// admitRequest is one line of `oracle batch admit`. The version of Kubernetes
// is always the oracle's own.
type admitRequest struct {
	ID      json.RawMessage `json:"id"`
	Object  json.RawMessage `json:"object"`
	Version string          `json:"version"`
	// Stage says how far to go: decode, default, store, which is what comes
	// out of storage and is validated as if it were written there, or by
	// default to the end, which is what the registry prepares to be created.
	Stage string `json:"stage"`
	// OldObject makes it an update of what is stored.
	OldObject json.RawMessage `json:"oldObject"`
	// ConvertTo is another apiVersion of the kind, which policies see.
	ConvertTo string `json:"convertTo"`
}

type admitAnswer struct {
	ID       json.RawMessage `json:"id"`
	Object   json.RawMessage `json:"object,omitempty"`
	Errors   []admitError    `json:"errors,omitempty"`
	Warnings []string        `json:"warnings"`
}

type admitError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Reason  string `json:"reason"`
}

// admitScheme is a scheme with its decoders.
type admitScheme struct {
	*runtime.Scheme
	codecs serializer.CodecFactory
	strict runtime.Serializer
}

func newAdmitKind() answerFunc { return answerAdmit }

// answerAdmit does what the API server does with the body of a create or
// update request before admission: decode, set defaults, convert, prepare, and
// validate by what is generated of tags. An object that is refused by these is
// there all the same.
// Source: apiserver pkg/endpoints/handlers/{create,update}.go.
func answerAdmit(line []byte) (any, error) {
	var question admitRequest
	if err := decode(line, &question); err != nil {
		return nil, err
	}
	answer := admitAnswer{ID: question.ID, Warnings: []string{}}
	var head metav1.TypeMeta
	if err := json.Unmarshal(question.Object, &head); err != nil {
		return nil, fmt.Errorf("object: %w", err)
	}
	gvk := head.GroupVersionKind()
	known := admitSchemeOf(gvk)
	if known == nil {
		return nil, fmt.Errorf("object: no kind %s", gvk)
	}
	refuse := func(err error) (any, error) {
		text := fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", gvk.Kind, gvk.Version, gvk.Kind, err)
		answer.Errors = []admitError{{Message: text, Reason: "BadRequest"}}
		return answer, nil
	}
	var object runtime.Object
	var err error
	internal := schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal}
	switch question.Stage {
	case "decode":
		object, _, err = known.strict.Decode(question.Object, &gvk, nil)
	case "default":
		object, _, err = known.strict.Decode(question.Object, &gvk, nil)
		if object != nil {
			known.Default(object)
		}
	default:
		object, _, err = known.codecs.DecoderToVersion(known.strict, internal).Decode(question.Object, &gvk, nil)
	}
	if err != nil {
		strict, ok := runtime.AsStrictDecodingError(err)
		if !ok || object == nil {
			return refuse(err)
		}
		for _, one := range strict.Errors() {
			answer.Warnings = append(answer.Warnings, one.Error())
		}
	}
	if question.Stage == "" || question.Stage == "store" {
		var old runtime.Object
		if !isNull(question.OldObject) {
			if old, err = stored(known, question.OldObject, internal); err != nil {
				return nil, fmt.Errorf("oldObject: %w", err)
			}
		}
		seen := gvk
		if question.ConvertTo != "" {
			seen = schema.FromAPIVersionAndKind(question.ConvertTo, gvk.Kind)
		}
		if question.Stage == "store" {
			if object, err = stored(known, question.Object, internal); err != nil {
				return nil, err
			}
		}
		var refused field.ErrorList
		object, refused, err = prepare(known, object, old, gvk, seen, question.Stage == "store")
		for _, one := range refused {
			answer.Errors = append(answer.Errors, admitError{one.Field, one.ErrorBody(), string(one.Type)})
		}
		if err != nil {
			answer.Errors = []admitError{{Message: err.Error(), Reason: "BadRequest"}}
			return answer, nil
		}
		gvk = seen
	}
	object.GetObjectKind().SetGroupVersionKind(gvk)
	if answer.Object, err = withoutNow(object); err != nil {
		answer.Errors = []admitError{{Message: err.Error(), Reason: "InternalError"}}
	}
	return answer, nil
}

// stored reads an object as it comes out of storage, in its internal form:
// what is empty does not come back.
func stored(known *admitScheme, raw json.RawMessage, internal schema.GroupVersion) (runtime.Object, error) {
	object, kind, err := known.codecs.DecoderToVersion(known.strict, internal).Decode(raw, nil, nil)
	if err != nil && (!runtime.IsStrictDecodingError(err) || object == nil) {
		return nil, err
	}
	text, err := runtime.Encode(known.codecs.EncoderForVersion(known.strict, kind.GroupVersion()), object)
	if err != nil {
		return nil, err
	}
	return runtime.Decode(known.codecs.DecoderToVersion(known.strict, internal), text)
}

// prepare is what happens to an object between decoding and admission, and
// the conversion to the version that policies see.
func prepare(known *admitScheme, object, old runtime.Object, gvk, seen schema.GroupVersionKind, asStored bool) (runtime.Object, field.ErrorList, error) {
	var refused field.ErrorList
	strategy := admitStrategy(gvk.GroupKind())
	if meta, err := apimeta.Accessor(object); err == nil {
		namespace := ""
		if namespacedKind(gvk.GroupKind()) {
			if namespace = meta.GetNamespace(); namespace == "" {
				namespace = "default"
			}
		}
		if !asStored {
			meta.SetManagedFields(nil)
		}
		if old == nil && !asStored {
			rest.WipeObjectMetaSystemFields(meta)
		}
		if !asStored {
			if err := rest.EnsureObjectNamespaceMatchesRequestNamespace(namespace, meta); err != nil {
				return nil, nil, err
			}
		}
		context := request.WithNamespace(context.Background(), namespace)
		context = request.WithRequestInfo(context, &request.RequestInfo{APIGroup: gvk.Group, APIVersion: gvk.Version})
		switch {
		case strategy == nil, asStored:
		case old != nil:
			if err := prepareUpdate(context, strategy, object, old); err != nil {
				return nil, nil, err
			}
		default:
			name := meta.GetName()
			strategy.PrepareForCreate(context, object)
			meta.SetName(name) // some strategies make a name up
			strategy.Canonicalize(object)
		}
		refused = validateDeclaratively(context, strategy, object, old)
	}
	out, err := known.New(seen)
	if err != nil {
		return nil, nil, err
	}
	if err := known.Convert(object, out, nil); err != nil {
		return nil, nil, errors.New("conversion: " + err.Error())
	}
	return out, refused, nil
}

// validateDeclaratively is what is enforced of the validation that is generated
// of tags, without the validation that is written by hand.
// Source: apiserver pkg/registry/rest/{create,update}.go.
func validateDeclaratively(ctx context.Context, strategy rest.RESTCreateStrategy, object, old runtime.Object) field.ErrorList {
	validating, ok := strategy.(rest.DeclarativeValidationStrategy)
	if !ok {
		return nil
	}
	meta, err := apimeta.Accessor(object)
	operationType := operation.Create
	if old != nil {
		operationType = operation.Update
	} else if err == nil && meta.GetName() == "" && meta.GetGenerateName() != "" {
		// The server makes up the end of a name.
		made := names.SimpleNameGenerator.GenerateName(meta.GetGenerateName())
		meta.SetName(made[:len(made)-5] + "xxxxx")
		defer meta.SetName("")
	}
	config := validating.DeclarativeValidationConfig(ctx, object, old)
	return validating.ValidateDeclaratively(ctx, object, old, nil, operationType, config)
}

// withoutNow writes an object without the times of this very moment, which no
// answer can have in common with another.
func withoutNow(object runtime.Object) (json.RawMessage, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	var now []string
	for ago := -2; ago <= 2; ago++ {
		now = append(now, time.Now().Add(time.Duration(ago)*time.Second).UTC().Format(time.RFC3339))
	}
	for _, moment := range now {
		for _, gone := range []string{`,"lastPhaseTransitionTime":"` + moment + `"`, `,"timeAdded":"` + moment + `"`} {
			text = bytes.ReplaceAll(text, []byte(gone), nil)
		}
		text = bytes.ReplaceAll(text, []byte(`"lastTransitionTime":"`+moment+`"`), []byte(`"lastTransitionTime":null`))
	}
	return text, nil
}
