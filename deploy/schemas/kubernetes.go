package schemas

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsinstall "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	coreinstall "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkinginstall "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	policyinstall "k8s.io/kubernetes/pkg/apis/policy/install"
	policyvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
)

// Kubernetes returns an error for each mistake in a manifest that the API server would refuse, with
// `kubectl apply`'s strict decoding: unknown and repeated fields, wrong types, missing fields,
// values that are not allowed, and what does not fit together. It returns the number of objects.
func Kubernetes(manifest []byte) (objects int, err error) {
	decoder, documents := newDecoder(), yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifest)))
	for {
		document, end := documents.Read()
		if errors.Is(end, io.EOF) {
			return objects, err
		} else if end != nil {
			return objects, errors.Join(err, end)
		}
		objects++
		err = errors.Join(err, object(decoder, document))
	}
}

// newDecoder returns a decoder to the form in which the server validates, with its defaults.
func newDecoder() runtime.Decoder {
	scheme := runtime.NewScheme()
	coreinstall.Install(scheme)
	appsinstall.Install(scheme)
	networkinginstall.Install(scheme)
	policyinstall.Install(scheme)
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder()
}

func object(decoder runtime.Decoder, document []byte) error {
	decoded, kind, err := decoder.Decode(document, nil, nil)
	if err != nil {
		return err
	}
	all, err := validate(decoded)
	if err == nil {
		err = all.ToAggregate()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", kind.Kind, err)
	}
	return nil
}

// validate asks the server's own functions. kubectl adds the namespace, so validate does, too.
func validate(decoded runtime.Object) (field.ErrorList, error) {
	var pod corevalidation.PodValidationOptions
	switch o := decoded.(type) {
	case *apps.StatefulSet:
		o.Namespace = core.NamespaceDefault
		return appsvalidation.ValidateStatefulSet(o, appsvalidation.StatefulSetValidationOptions{}, pod), nil
	case *apps.Deployment:
		o.Namespace = core.NamespaceDefault
		return appsvalidation.ValidateDeployment(o, pod), nil
	case *core.Service:
		o.Namespace = core.NamespaceDefault
		if len(o.Spec.ClusterIPs) == 0 && o.Spec.ClusterIP != "" { // as the server does before it validates
			o.Spec.ClusterIPs = []string{o.Spec.ClusterIP}
		}
		return corevalidation.ValidateServiceCreate(o), nil
	case *networking.Ingress:
		o.Namespace = core.NamespaceDefault
		return networkingvalidation.ValidateIngressCreate(o), nil
	case *policy.PodDisruptionBudget:
		o.Namespace = core.NamespaceDefault
		return policyvalidation.ValidatePodDisruptionBudget(o, policyvalidation.PodDisruptionBudgetValidationOptions{}), nil
	}
	return nil, fmt.Errorf("the tests do not know %T; teach it to deploy/schemas", decoded)
}
