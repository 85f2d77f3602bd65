package main

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	kubejson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apiserver/pkg/registry/rest"

	apiextensionsinstall "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	crd "k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	apiregistrationinstall "k8s.io/kube-aggregator/pkg/apis/apiregistration/install"
	"k8s.io/kube-aggregator/pkg/registry/apiservice"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/admission/install"
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	_ "k8s.io/kubernetes/pkg/apis/apiserverinternal/install"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/authentication/install"
	_ "k8s.io/kubernetes/pkg/apis/authorization/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/certificates/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/events/install"
	_ "k8s.io/kubernetes/pkg/apis/flowcontrol/install"
	_ "k8s.io/kubernetes/pkg/apis/lifecycle/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/resource/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	_ "k8s.io/kubernetes/pkg/apis/storagemigration/install"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicy"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicybinding"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicy"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicybinding"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/apiserverinternal/storageversion"
	"k8s.io/kubernetes/pkg/registry/apps/controllerrevision"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/certificates/certificates"
	"k8s.io/kubernetes/pkg/registry/certificates/clustertrustbundle"
	"k8s.io/kubernetes/pkg/registry/certificates/podcertificaterequest"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/coordination/leasecandidate"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/event"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	"k8s.io/kubernetes/pkg/registry/lifecycle/eviction"
	"k8s.io/kubernetes/pkg/registry/lifecycle/evictionrequest"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/ipaddress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/resource/deviceclass"
	"k8s.io/kubernetes/pkg/registry/resource/devicetaintrule"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaim"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaimtemplate"
	"k8s.io/kubernetes/pkg/registry/resource/resourcepoolstatusrequest"
	"k8s.io/kubernetes/pkg/registry/resource/resourceslice"
	"k8s.io/kubernetes/pkg/registry/scheduling/compositepodgroup"
	"k8s.io/kubernetes/pkg/registry/scheduling/podgroup"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/scheduling/workload"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/csinode"
	"k8s.io/kubernetes/pkg/registry/storage/csistoragecapacity"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass"
	"k8s.io/kubernetes/pkg/registry/storagemigration/storagemigration"
	"k8s.io/utils/clock"
)

var (
	legacyAdmit          = newAdmitScheme(legacyscheme.Scheme)
	apiextensionsAdmit   = newAdmitScheme(installed(apiextensionsinstall.Install))
	apiregistrationAdmit = newAdmitScheme(installed(apiregistrationinstall.Install))
)

func installed(install func(*runtime.Scheme)) *runtime.Scheme {
	scheme := runtime.NewScheme()
	install(scheme)
	return scheme
}

func newAdmitScheme(scheme *runtime.Scheme) *admitScheme {
	strict := kubejson.NewSerializerWithOptions(kubejson.DefaultMetaFactory, scheme, scheme, kubejson.SerializerOptions{Strict: true})
	return &admitScheme{scheme, serializer.NewCodecFactory(scheme), strict}
}

// admitSchemeOf gives the scheme that serves a kind, nil for unknown kinds.
func admitSchemeOf(kind schema.GroupVersionKind) *admitScheme {
	for _, scheme := range []*admitScheme{legacyAdmit, apiextensionsAdmit, apiregistrationAdmit} {
		if scheme.Recognizes(kind) {
			return scheme
		}
	}
	return nil
}

// admitStrategy gives how a kind is prepared for creation, nil when it is not
// stored.
func admitStrategy(kind schema.GroupKind) rest.RESTCreateStrategy {
	return admitStrategies[kind.String()]
}

var admitStrategies = map[string]rest.RESTCreateStrategy{
	"MutatingAdmissionPolicy.admissionregistration.k8s.io":          mutatingadmissionpolicy.NewStrategy(nil, nil),
	"MutatingAdmissionPolicyBinding.admissionregistration.k8s.io":   mutatingadmissionpolicybinding.NewStrategy(nil, nil, nil),
	"MutatingWebhookConfiguration.admissionregistration.k8s.io":     mutatingwebhookconfiguration.Strategy,
	"ValidatingAdmissionPolicy.admissionregistration.k8s.io":        validatingadmissionpolicy.NewStrategy(nil, nil),
	"ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io": validatingadmissionpolicybinding.NewStrategy(nil, nil, nil),
	"ValidatingWebhookConfiguration.admissionregistration.k8s.io":   validatingwebhookconfiguration.Strategy,
	"CustomResourceDefinition.apiextensions.k8s.io":                 crd.NewStrategy(apiextensionsAdmit.Scheme),
	"APIService.apiregistration.k8s.io":                             apiservice.NewStrategy(apiregistrationAdmit.Scheme),
	"StorageVersion.internal.apiserver.k8s.io":                      storageversion.Strategy,
	"ControllerRevision.apps":                                       controllerrevision.Strategy,
	"DaemonSet.apps":                                                daemonset.Strategy,
	"Deployment.apps":                                               deployment.Strategy,
	"ReplicaSet.apps":                                               replicaset.Strategy,
	"StatefulSet.apps":                                              statefulset.Strategy,
	"HorizontalPodAutoscaler.autoscaling":                           horizontalpodautoscaler.Strategy,
	"CronJob.batch":                                                 cronjob.Strategy,
	"Job.batch":                                                     job.Strategy,
	"CertificateSigningRequest.certificates.k8s.io":                 certificates.Strategy,
	"ClusterTrustBundle.certificates.k8s.io":                        clustertrustbundle.Strategy,
	"PodCertificateRequest.certificates.k8s.io":                     podcertificaterequest.NewStrategy(),
	"Lease.coordination.k8s.io":                                     lease.Strategy,
	"LeaseCandidate.coordination.k8s.io":                            leasecandidate.Strategy,
	"ConfigMap":                                                     configmap.Strategy,
	"Endpoints":                                                     endpoint.Strategy,
	"Event":                                                         event.Strategy,
	"Event.events.k8s.io":                                           event.Strategy,
	"LimitRange":                                                    limitrange.Strategy,
	"Namespace":                                                     namespace.Strategy,
	"Node":                                                          node.Strategy,
	"PersistentVolume":                                              persistentvolume.Strategy,
	"PersistentVolumeClaim":                                         persistentvolumeclaim.Strategy,
	"Pod":                                                           pod.Strategy,
	"PodTemplate":                                                   podtemplate.Strategy,
	"ReplicationController":                                         replicationcontroller.Strategy,
	"ResourceQuota":                                                 resourcequota.Strategy,
	"Secret":                                                        secret.Strategy,
	"Service":                                                       service.Strategy,
	"ServiceAccount":                                                serviceaccount.Strategy,
	"EndpointSlice.discovery.k8s.io":                                endpointslice.Strategy,
	"FlowSchema.flowcontrol.apiserver.k8s.io":                       flowschema.Strategy,
	"PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io": prioritylevelconfiguration.Strategy,
	"Eviction.lifecycle.k8s.io":                               eviction.NewStrategy(clock.RealClock{}),
	"EvictionRequest.lifecycle.k8s.io":                        evictionrequest.NewStrategy(),
	"Ingress.networking.k8s.io":                               ingress.Strategy,
	"IngressClass.networking.k8s.io":                          ingressclass.Strategy,
	"IPAddress.networking.k8s.io":                             ipaddress.Strategy,
	"NetworkPolicy.networking.k8s.io":                         networkpolicy.Strategy,
	"ServiceCIDR.networking.k8s.io":                           servicecidr.Strategy,
	"RuntimeClass.node.k8s.io":                                runtimeclass.Strategy,
	"PodDisruptionBudget.policy":                              poddisruptionbudget.Strategy,
	"ClusterRole.rbac.authorization.k8s.io":                   clusterrole.Strategy,
	"ClusterRoleBinding.rbac.authorization.k8s.io":            clusterrolebinding.Strategy,
	"Role.rbac.authorization.k8s.io":                          role.Strategy,
	"RoleBinding.rbac.authorization.k8s.io":                   rolebinding.Strategy,
	"DeviceClass.resource.k8s.io":                             deviceclass.Strategy,
	"DeviceTaintRule.resource.k8s.io":                         devicetaintrule.Strategy,
	"ResourceClaim.resource.k8s.io":                           resourceclaim.NewStrategy(nil, nil),
	"ResourceClaimTemplate.resource.k8s.io":                   resourceclaimtemplate.NewStrategy(nil),
	"ResourcePoolStatusRequest.resource.k8s.io":               resourcepoolstatusrequest.Strategy,
	"ResourceSlice.resource.k8s.io":                           resourceslice.Strategy,
	"CompositePodGroup.scheduling.k8s.io":                     compositepodgroup.NewStrategy(),
	"PodGroup.scheduling.k8s.io":                              podgroup.NewStrategy(),
	"PriorityClass.scheduling.k8s.io":                         priorityclass.Strategy,
	"Workload.scheduling.k8s.io":                              workload.Strategy,
	"CSIDriver.storage.k8s.io":                                csidriver.Strategy,
	"CSINode.storage.k8s.io":                                  csinode.Strategy,
	"CSIStorageCapacity.storage.k8s.io":                       csistoragecapacity.Strategy,
	"StorageClass.storage.k8s.io":                             storageclass.Strategy,
	"VolumeAttachment.storage.k8s.io":                         volumeattachment.Strategy,
	"VolumeAttributesClass.storage.k8s.io":                    volumeattributesclass.Strategy,
	"StorageVersionMigration.storagemigration.k8s.io":         storagemigration.Strategy,
}
